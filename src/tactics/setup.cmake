# By itself, as src/ops/plugin.cc.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/tactics/cpu/plugin/enqueue.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
