// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/external_data.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "frontends/onnx/model/sha1.h"

namespace lathe::onnx {
namespace {

Status checkLocation(std::string_view location) {
    const auto wrong = [&](const char* what) {
        return invalidArgument("external data location {} {}", inQuotes(location), what);
    };
    if (location.empty()) return wrong("is empty");
    if (location.front() == '/') return wrong("is absolute; only files inside the model's folder are read");
    if (location.find('\0') != std::string_view::npos) return wrong("holds a zero byte");
    for (size_t at = 0; at <= location.size();) {
        const size_t end = std::min(location.find('/', at), location.size());
        if (location.substr(at, end - at) == "..")
            return wrong("has '..' in it; only files inside the model's folder are read");
        at = end + 1;
    }
    return {};
}

Result<std::string> realPath(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) return invalidArgument("cannot find {}: {}", inQuotes(path), std::strerror(errno));
    return std::string(real.get());
}

bool sameDigest(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

Status loadGraph(Graph& graph, ExternalFiles& files);

Status loadTensor(Tensor& tensor, ExternalFiles& files) {
    if (tensor.hasData() || !tensor.external) return {};
    const size_t needed = TRY(tensor.byteSize());
    tensor.setData(TRY_IN("tensor " + inQuotes(tensor.name), files.load(*tensor.external, needed)));
    return {};
}

Status loadSparse(SparseTensor& sparse, ExternalFiles& files) {
    TRY(loadTensor(sparse.values, files));
    return loadTensor(sparse.indices, files);
}

Status loadAttributes(std::vector<Attribute>& attributes, ExternalFiles& files) {
    for (Attribute& attribute : attributes) {
        for (Tensor& tensor : attribute.tensors) TRY(loadTensor(tensor, files));
        for (SparseTensor& sparse : attribute.sparseTensors) TRY(loadSparse(sparse, files));
        for (Graph& graph : attribute.graphs) TRY(loadGraph(graph, files));
    }
    return {};
}

Status loadNodes(std::vector<Node>& nodes, ExternalFiles& files) {
    for (size_t i = 0; i < nodes.size(); ++i) TRY_IN(describe(nodes[i], i), loadAttributes(nodes[i].attributes, files));
    return {};
}

Status loadGraph(Graph& graph, ExternalFiles& files) {
    for (Tensor& tensor : graph.initializers) TRY(loadTensor(tensor, files));
    for (SparseTensor& sparse : graph.sparseInitializers) TRY(loadSparse(sparse, files));
    return loadNodes(graph.nodes, files);
}

}  // namespace

Result<ExternalFiles::File*> ExternalFiles::open(const std::string& location) {
    const auto found = files_.find(location);
    if (found != files_.end()) return &found->second;
    TRY(checkLocation(location));
    if (folder_.empty()) {
        return invalidArgument("external data {}: the model came without a path, so its folder is not known",
                               inQuotes(location));
    }
    const std::string folder = TRY_IN("the model's folder", realPath(folder_));
    const std::string file = TRY_IN("external data", realPath(folder + '/' + location));
    const std::string inside = folder == "/" ? folder : folder + '/';
    if (file.compare(0, inside.size(), inside) != 0) {
        return invalidArgument("external data {} is a symbolic link out of the model's folder", inQuotes(location));
    }
    Blob blob = TRY_IN("external data", mapFile(file));
    return &files_.emplace(location, File{std::move(blob), ""}).first->second;
}

Result<Blob> ExternalFiles::load(const ExternalData& where, size_t needed) {
    File& file = *TRY(open(where.location));
    const size_t size = file.blob.bytes.size();
    if (where.offset > size) {
        return invalidArgument("external data {} has {} bytes, the offset is {}", inQuotes(where.location), size,
                               where.offset);
    }
    const size_t left = size - static_cast<size_t>(where.offset);
    const uint64_t length = where.length.value_or(needed);
    if (length > left) {
        return invalidArgument("external data {} has {} bytes, those from {} on for {} are not all there",
                               inQuotes(where.location), size, where.offset, length);
    }
    if (length != needed) {
        return invalidArgument("external data {}: length is {}, but type and dims need {} bytes",
                               inQuotes(where.location), length, needed);
    }
    if (verifyChecksums_ && !where.checksum.empty()) {
        if (file.checksum.empty()) file.checksum = sha1(file.blob.bytes);
        if (!sameDigest(file.checksum, where.checksum)) {
            return invalidArgument("external data {} has the SHA-1 {}, the model says {}", inQuotes(where.location),
                                   file.checksum, inQuotes(where.checksum));
        }
    }
    return file.blob.view(file.blob.bytes.subspan(static_cast<size_t>(where.offset), needed));
}

std::string folderOf(const char* path) {
    if (!path || !*path) return "";
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

Status loadExternalData(Model& model, const std::string& folder) {
    ExternalFiles files(folder);
    TRY_IN("graph", loadGraph(model.graph, files));
    for (Function& function : model.functions) {
        const std::string where = "function " + inQuotes(function.name);
        TRY_IN(where, loadAttributes(function.attributeDefaults, files));
        TRY_IN(where, loadNodes(function.nodes, files));
    }
    model.folder = folder;
    return {};
}

}  // namespace lathe::onnx
