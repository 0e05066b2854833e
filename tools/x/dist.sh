# dist/selvage-<version>.tgz: an npm package that works anywhere: `npm install -g` it.
source tools/x/build.sh

version="$(sed -nE 's/^project\(selvage VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)"
package=build/dist/package
tarball="dist/selvage-$version.tgz"

step "Packing $tarball"
rm -rf "$package"
mkdir -p "$package/bin" dist
for part in selvage selvage_engine.node selvage_preload.so; do
  llvm-strip-19 --strip-debug -o "$package/bin/$part" "build/release/engine/$part"
done
cp build/release/engine/selvage.snapshot "$package/bin/"
cp README.md CHANGELOG.md LICENSE THIRD_PARTY.md "$package/"
"$(pinned_node)" tools/npm-package.mjs "$version" >"$package/package.json"
# The same content makes the same archive.
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C build/dist -cf - package |
  gzip -9n >"$tarball"
note "$(du -h "$tarball" | cut -f1), npm install -g ./$tarball"
