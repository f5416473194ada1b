# By themselves: joined with others they would move every file after them into another batch of a unity build.
set(alone outside.cc)
foreach(op plugin block_quantize debug dist_collective expert_matmul kv_cache_update)
  list(APPEND alone ${op}.cc ${op}_test.cc)
endforeach()
list(TRANSFORM alone PREPEND ${CMAKE_SOURCE_DIR}/src/ops/)
set_source_files_properties(${alone} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
unset(alone)
