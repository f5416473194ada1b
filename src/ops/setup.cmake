# By themselves: joined with others they would move every file after them into another batch of a unity build.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/ops/plugin.cc ${CMAKE_SOURCE_DIR}/src/ops/plugin_test.cc
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
