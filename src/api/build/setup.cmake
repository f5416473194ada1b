include(${CMAKE_CURRENT_LIST_DIR}/../common/setup.cmake)
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/api/build/layers/plugin.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
