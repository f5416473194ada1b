# The API sees the public headers, and CUDA's types through the shim's headers (any cuda_runtime_api.h will do).
target_include_directories(${component} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/compat/cudart/include)
# We implement the deprecated part of the API too.
target_compile_options(${component} PUBLIC -Wno-deprecated-declarations)
