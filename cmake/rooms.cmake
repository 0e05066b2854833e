# selvage_room(<name> [HOST_HEADERS] SOURCES ... DEPENDS <rooms> [LIBRARIES ...] [TESTS *_test.cc])
#
# A room is src/<name>: one static library `room_<name>` for plain executables and one test
# executable `<name>_test`. A room that includes a header of libuv, OpenSSL or zlib (or of a room
# that does) says HOST_HEADERS, and is compiled a second time against the host's headers, as
# `room_<name>_host`, for the addon. Only rooms made by selvage_engine_room() see V8.
function(selvage_room name)
  cmake_parse_arguments(ROOM "HOST_HEADERS" "" "SOURCES;DEPENDS;LIBRARIES;TESTS" ${ARGN})
  add_library(room_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(room_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  target_compile_options(room_${name} PRIVATE ${SELVAGE_WARNINGS})
  if(ROOM_HOST_HEADERS)
    target_link_libraries(room_${name} PUBLIC dependency_system)
  else()
    target_link_libraries(room_${name} PUBLIC dependency_common)
  endif()
  foreach(room ${ROOM_DEPENDS})
    target_link_libraries(room_${name} PUBLIC room_${room})
  endforeach()
  target_link_libraries(room_${name} PUBLIC ${ROOM_LIBRARIES})

  if(ROOM_HOST_HEADERS AND SELVAGE_ENGINE)
    add_library(room_${name}_host STATIC EXCLUDE_FROM_ALL ${ROOM_SOURCES})
    target_include_directories(room_${name}_host PUBLIC "${CMAKE_SOURCE_DIR}/src")
    target_compile_options(room_${name}_host PRIVATE ${SELVAGE_WARNINGS})
    target_link_libraries(room_${name}_host PUBLIC dependency_host ${ROOM_LIBRARIES})
    foreach(room ${ROOM_DEPENDS})
      selvage_host_room(${room} target)
      target_link_libraries(room_${name}_host PUBLIC ${target})
    endforeach()
  endif()

  if(ROOM_TESTS)
    add_executable(${name}_test ${ROOM_TESTS})
    target_compile_options(${name}_test PRIVATE ${SELVAGE_WARNINGS})
    target_link_libraries(${name}_test PRIVATE room_${name} GTest::gtest GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
      PROPERTIES TIMEOUT 120)
  endif()
endfunction()

# The library of room `name` that the addon links to.
function(selvage_host_room name result)
  if(TARGET room_${name}_host)
    set(${result} room_${name}_host PARENT_SCOPE)
  else()
    set(${result} room_${name} PARENT_SCOPE)
  endif()
endfunction()

# A room that may include V8's headers: an object library for the addon.
function(selvage_engine_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(room_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(room_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  # V8 is built without run-time type information: what derives from its classes must be, too.
  target_compile_options(room_${name} PRIVATE ${SELVAGE_WARNINGS} -fno-rtti)
  target_link_libraries(room_${name} PUBLIC dependency_host ${ROOM_LIBRARIES})
  foreach(room ${ROOM_DEPENDS})
    selvage_host_room(${room} target)
    target_link_libraries(room_${name} PUBLIC ${target})
  endforeach()
endfunction()
