source tools/x/setup.sh
git ls-files -z 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h' | xargs -0 clang-format-19 -i
step "Formatted"
