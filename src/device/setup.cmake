# By itself, as in src/ops/setup.cmake.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/device/cuda/nccl.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
