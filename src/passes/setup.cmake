# Tests read their cases from the source tree.
if(TARGET lathe_passes_testing)
  target_compile_definitions(lathe_passes_testing PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
endif()
# Every pass has a `visit` of its own.
set_target_properties(${component} PROPERTIES UNITY_BUILD OFF)
