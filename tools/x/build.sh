# Leaves the command line at bin/selvage, with the engine where it finds it.
source tools/x/setup.sh
build_preset release
mkdir -p bin
ln -sfn ../build/release/engine/selvage bin/selvage
step "Built bin/selvage"
