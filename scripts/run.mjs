// `node scripts/run.mjs scripts/test.ts …`: sees to what is missing, then runs a script of ours on the pinned Node.
// No imports and old syntax only, as in bin/polylogue.mjs.
if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`polylogue: needs Node 20 or newer to start; this is ${process.version}. It then brings its own Node along.`);
  process.exitCode = 1;
} else {
  void import("./bootstrap/script.mjs").then((runner) => runner.runScript(process.argv.slice(2)));
}
