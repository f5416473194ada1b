# By themselves, as in src/ops/setup.cmake.
foreach(file cpu/plugin/enqueue common/debug cpu/block_quantize/rows cpu/debug/listener cuda/debug/listener cpu/dist_collective/alone
             cuda/dist_collective/nccl cpu/expert_matmul/grouped cuda/expert_matmul/grouped cuda/block_quantize/blocks
             cuda/kv_cache_update/places)
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/tactics/${file}.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endforeach()
