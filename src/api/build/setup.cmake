include(${CMAKE_CURRENT_LIST_DIR}/../common/setup.cmake)
foreach(layer plugin assertion dynamic_quantize kv_cache_update moe dist_collective)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/api/build/layers/${layer}.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endforeach()
