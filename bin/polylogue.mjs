#!/usr/bin/env node
// No imports and old syntax only: on a Node that is too old for the rest, this file must still be able to say so.
if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`polylogue: needs Node 20 or newer to start; this is ${process.version}. It then brings its own Node along.`);
  process.exitCode = 1;
} else {
  void import("./launch.mjs").then((launcher) => launcher.launch(process.argv.slice(2)));
}
