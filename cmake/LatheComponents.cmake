# One component a folder under src/: every *.cc is in the library, every *_test.cc in the folder's test program. A new
# file needs no edit here.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)

add_library(lathe_flags INTERFACE)
target_include_directories(lathe_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated ${CMAKE_SOURCE_DIR})
target_compile_options(lathe_flags INTERFACE -Wall -Wextra -Werror -fno-math-errno
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # g++ 12 misreads std::string concatenation
target_link_libraries(lathe_flags INTERFACE Threads::Threads fmt::fmt ${CMAKE_DL_LIBS})
if(LATHE_SANITIZE)
  add_compile_options(-fsanitize=${LATHE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LATHE_SANITIZE})
endif()
if(LATHE_TESTS)
  find_package(GTest REQUIRED)
  add_custom_target(lathe_tests)
endif()

set_property(GLOBAL PROPERTY LATHE_COMPONENTS "")
set_property(GLOBAL PROPERTY LATHE_TEST_HELPERS "")

# A build from nothing spends most of its time reading the same headers: with LATHE_UNITY, the large folders compile a dozen
# files at once. Names in unnamed namespaces must then differ within such a folder.
function(lathe_unity target)
  if(LATHE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  endif()
endfunction()

# lathe_test(name sources...): a googletest program, linked with every component defined so far.
function(lathe_test name)
  if(NOT LATHE_TESTS OR NOT ARGN)
    return()
  endif()
  get_property(parts GLOBAL PROPERTY LATHE_COMPONENTS)
  get_property(helpers GLOBAL PROPERTY LATHE_TEST_HELPERS)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_options(${name} PRIVATE -O1)  # what is tested lies in the libraries
  lathe_unity(${name})
  target_link_libraries(${name} PRIVATE lathe_flags -Wl,--start-group ${helpers} ${parts} -Wl,--end-group GTest::gtest_main GTest::gmock)
  add_dependencies(lathe_tests ${name})
  # One process for all cases: thousands of processes would cost more than the tests. `./dev test` reads the single cases
  # out of the program's own report.
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900)
endfunction()

# lathe_library(name sources...): a static component library.
function(lathe_library name)
  if(NOT ARGN)
    add_library(${name} INTERFACE)
    return()
  endif()
  add_library(${name} STATIC ${ARGN})
  lathe_unity(${name})
  target_link_libraries(${name} PUBLIC lathe_flags)
  set_property(GLOBAL APPEND PROPERTY LATHE_COMPONENTS ${name})
endfunction()

# A folder may bring setup.cmake, which sees the component's target ${component}: lathe_<folder>, with _ for /.
function(lathe_component folder)
  string(REPLACE "/" "_" id ${folder})
  set(component lathe_${id})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  # *_testing.cc: helpers that this folder's tests and those above it share.
  set(helpers ${sources})
  list(FILTER helpers INCLUDE REGEX "_testing\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_testing\\.cc$")
  if(LATHE_TESTS AND helpers)
    add_library(${component}_testing STATIC ${helpers})
    lathe_unity(${component}_testing)
    target_link_libraries(${component}_testing PUBLIC lathe_flags GTest::gtest GTest::gmock)
    set_property(GLOBAL APPEND PROPERTY LATHE_TEST_HELPERS ${component}_testing)
  endif()
  lathe_library(${component} ${sources} ${LATHE_EXTRA_${folder}})
  if(folder MATCHES "^(api/|passes)")
    target_compile_options(${component} PRIVATE -O1)  # no loops over data there
  endif()
  if(EXISTS ${CMAKE_SOURCE_DIR}/src/${folder}/setup.cmake)
    include(${CMAKE_SOURCE_DIR}/src/${folder}/setup.cmake)
  endif()
  lathe_test(${id}_test ${tests})
endfunction()

# Writes an array with the address of `extern const TYPE* const SYMBOL` for each symbol: one a file, found by a marker
# line, so that a file that does not define its object is a link error and nothing runs before main.
function(lathe_table out type header namespace array)
  set(decls "")
  set(items "")
  foreach(symbol ${ARGN})
    string(APPEND decls "extern const ${type}* const ${symbol};\n")
    string(APPEND items "    &${symbol},\n")
  endforeach()
  list(LENGTH ARGN count)
  file(CONFIGURE OUTPUT ${out} CONTENT
"// Generated from the file names of the folder.
#include \"${header}\"
namespace ${namespace} {
${decls}extern const ${type}* const* const ${array}[];
extern const int ${array}Count;
constinit const ${type}* const* const ${array}[] = {
${items}    nullptr};
constinit const int ${array}Count = ${count};
}  // namespace ${namespace}
")
endfunction()

# Symbols of the files under a folder that hold a line starting with `MARK(`; the symbol is prefix + path with _ for /.
function(lathe_marked_symbols result root mark prefix)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${root}/*.cc)
  set(symbols "")
  foreach(file ${files})
    if(NOT file MATCHES "_test\\.cc$")
      file(STRINGS ${file} found REGEX "^${mark}\\(" LIMIT_COUNT 1)
      if(found)
        file(RELATIVE_PATH id ${root} ${file})
        string(REGEX REPLACE "\\.cc$" "" id ${id})
        string(REPLACE "/" "_" id ${id})
        list(APPEND symbols ${prefix}${id})
      endif()
    endif()
  endforeach()
  set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(${result} ${symbols} PARENT_SCOPE)
endfunction()

# src/ops/<op>.cc holds `LATHE_OP(<op>, Class)`.
function(lathe_ops folder)
  lathe_marked_symbols(symbols ${CMAKE_SOURCE_DIR}/src/ops LATHE_OP op_)
  lathe_table(${CMAKE_BINARY_DIR}/generated/op_table.cc ir::Op ir/op.h lathe::ops opTable ${symbols})
  set(LATHE_EXTRA_ops ${CMAKE_BINARY_DIR}/generated/op_table.cc)
  lathe_component(ops)
endfunction()

# src/tactics/<backend>/<op>/<name>.cc holds `LATHE_TACTIC(<backend>_<op>_<name>, Class)`.
function(lathe_tactics folder)
  lathe_marked_symbols(symbols ${CMAKE_SOURCE_DIR}/src/tactics LATHE_TACTIC tactic_)
  lathe_table(${CMAKE_BINARY_DIR}/generated/tactic_table.cc tactics::Tactic tactics/tactic.h lathe::tactics tacticTable ${symbols})
  set(LATHE_EXTRA_tactics ${CMAKE_BINARY_DIR}/generated/tactic_table.cc)
  lathe_component(tactics)
  # Loops over data are in kernels. g++ 12 misreads the freeing of short vectors when it unrolls what fills them.
  target_compile_options(lathe_tactics PRIVATE -O2 $<$<CXX_COMPILER_ID:GNU>:-Wno-free-nonheap-object>)
endfunction()

# Kernels: src/kernels/cpu/*.cc is compiled for the baseline; src/kernels/cpu/isa/*.cc once for each instruction set, with
# LATHE_ISA naming the namespace that the code goes into (src/kernels/cpu/isa/isa.h).
function(lathe_kernels folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/kernels/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(isa_sources ${sources})
  list(FILTER isa_sources INCLUDE REGEX "/isa/[^/]*\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/isa/[^/]*\\.cc$")
  if(isa_sources)
    set(flags_base "-O2")
    set(flags_avx2 "-O3 -mavx2 -mfma -mf16c -mbmi2")
    set(flags_avx512 "-O3 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mfma -mf16c -mbmi2 -mprefer-vector-width=512")
    # GCC 12's own AVX-512 header trips these over its _mm512_undefined values.
    string(APPEND flags_avx512 " -Wno-uninitialized -Wno-maybe-uninitialized")
    if(LATHE_SANITIZE)  # a sanitizer's checks in unrolled kernels take the optimizer minutes a file
      string(REPLACE "-O3" "-O1" flags_avx2 "${flags_avx2}")
      string(REPLACE "-O3" "-O1" flags_avx512 "${flags_avx512}")
    endif()
    foreach(isa base avx2 avx512)
      separate_arguments(flags UNIX_COMMAND "${flags_${isa}}")
      add_library(lathe_kernels_${isa} STATIC ${isa_sources})
      target_compile_options(lathe_kernels_${isa} PRIVATE ${flags})
      target_compile_definitions(lathe_kernels_${isa} PRIVATE LATHE_ISA=${isa} LATHE_ISA_${isa}=1)
      target_link_libraries(lathe_kernels_${isa} PUBLIC lathe_flags)
      set_property(GLOBAL APPEND PROPERTY LATHE_COMPONENTS lathe_kernels_${isa})
    endforeach()
  endif()
  # CUDA C++ is text until it runs: it is compiled by NVRTC on the machine that uses it.
  file(GLOB texts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/kernels/cuda/*.cu)
  list(APPEND texts ${CMAKE_SOURCE_DIR}/src/kernels/cuda/params.h)
  string(REPLACE ";" ":" joined "${texts}")
  set(embedded ${CMAKE_BINARY_DIR}/generated/kernel_texts.cc)
  add_custom_command(
    OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DOUT=${embedded} -DFILES=${joined} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedTexts.cmake
    DEPENDS ${texts} ${CMAKE_SOURCE_DIR}/cmake/EmbedTexts.cmake
    VERBATIM)
  lathe_library(lathe_kernels ${sources} ${embedded})
  lathe_test(kernels_test ${tests})
  # Each file has small helpers and cases of its own kind, under the same short names.
  foreach(target lathe_kernels kernels_test)
    if(TARGET ${target})
      set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    endif()
  endforeach()
endfunction()
