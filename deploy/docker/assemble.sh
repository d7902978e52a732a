#!/bin/sh
# Puts what the image holds into a folder: the compiled gateway, what it needs to run, its Node, its bill of materials.
# sh deploy/docker/assemble.sh <clone> <folder>; the Dockerfile does nothing else.
set -eu
clone=$1
out=$2

cd "$clone"
npm ci --ignore-scripts
npm run build

mkdir -p "$out/app" "$out/bin" "$out/lib"
mkdir -m 700 "$out/data" "$out/backups"
cp -R package.json package-lock.json LICENSE bin dist "$out/app/"
cd "$out/app"
npm ci --omit=dev --ignore-scripts
# What is there, and no more: with development's own beside it, npm leaves out what both need.
npm pkg delete devDependencies
npm sbom --sbom-format=cyclonedx > "$out/app/sbom.cdx.json"

# The pinned Node alone of its package, without symbols; it runs the gateway in its own process.
for package in node_modules/node-linux-*; do
  cp "$package/bin/node" "$out/bin/node"
  rm -r "$package"
done
strip "$out/bin/node"
cp -L "$(ldd "$out/bin/node" | awk '/libatomic/ { print $3 }')" "$out/lib/"

# What only people and editors read.
find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) -delete
rm -r node_modules/gpt-tokenizer/src
