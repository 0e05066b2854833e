rm -rf build bin dist
step "Removed build, bin and dist"
