# cmake -DOUT=file.cc -DFILES=a:b:c -P EmbedTexts.cmake: a table of file names and their contents, for launch.cc.
string(REPLACE ":" ";" files "${FILES}")
set(items "")
foreach(file ${files})
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  string(APPEND items "    \"${name}\", R\"~~~~(${text})~~~~\",\n")
endforeach()
file(WRITE "${OUT}" "// Generated from src/kernels/cuda.
namespace lathe::cuda {
extern const char* const kernelTexts[];
const char* const kernelTexts[] = {
${items}    nullptr};
}  // namespace lathe::cuda
")
