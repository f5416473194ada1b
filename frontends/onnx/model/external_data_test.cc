// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/model/external_data.h"

#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "frontends/onnx/model/sha1.h"
#include "frontends/onnx/model/test_writer.h"

namespace lathe::onnx {
namespace {

namespace fs = std::filesystem;
using testing::Message;
using testing::modelOf;
using testing::TempFolder;

void write(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

Message external(const std::vector<std::pair<std::string, std::string>>& entries, std::vector<int64_t> dims = {2}) {
    Message tensor = testing::tensorHead("w", DataType::kFloat, dims);
    for (const auto& [key, value] : entries) tensor.message(13, Message().bytes(1, key).bytes(2, value));
    return tensor.varint(14, 1);
}

class External : public ::testing::Test {
  protected:
    // The tensor's bytes as text, or the error.
    std::string load(const Message& tensor) {
        write(folder() / "model.onnx", modelOf(tensor).str());
        const Result<Model> model = parseFile((folder() / "model.onnx").string());
        if (!model.ok()) return model.status().message();
        const auto bytes = model->graph.initializers[0].bytes().take();
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    bool refused(const Message& tensor, std::string_view why) {
        const std::string text = load(tensor);
        if (text.find(why) != std::string::npos && text.find("graph.initializer[0] 'w'") != std::string::npos)
            return true;
        ADD_FAILURE() << text;
        return false;
    }
    fs::path folder() const { return temp_.path() / "model"; }
    fs::path outside() const { return temp_.path() / "outside"; }

  private:
    TempFolder temp_;
};

TEST_F(External, LoadsParts) {
    write(folder() / "w.bin", "0123456789abcdef");
    write(folder() / "sub/deep/w.bin", "ABCDEFGH");
    EXPECT_EQ(load(external({{"location", "w.bin"}, {"offset", "4"}, {"length", "8"}})), "456789ab");
    EXPECT_EQ(load(external({{"location", "w.bin"}})), "01234567");
    EXPECT_EQ(load(external({{"location", "./sub//deep/w.bin"}, {"length", "8"}})), "ABCDEFGH");
    EXPECT_EQ(load(external({{"location", "w.bin"}, {"offset", "8"}, {"prepacked", "x"}})), "89abcdef");
    EXPECT_EQ(load(external({{"location", "w.bin"}, {"offset", "16"}, {"length", "0"}}, {0})), "");
}

TEST_F(External, RefusesWhatLiesOutside) {
    write(outside() / "secret", "0123456789abcdef");
    EXPECT_TRUE(refused(external({{"location", (outside() / "secret").string()}}), "is absolute"));
    EXPECT_TRUE(refused(external({{"location", "../outside/secret"}}), "has '..' in it"));
    EXPECT_TRUE(refused(external({{"location", "sub/../../outside/secret"}}), "has '..' in it"));
    EXPECT_TRUE(refused(external({{"location", ".."}}), "has '..' in it"));
    EXPECT_TRUE(refused(external({{"location", std::string("w\0.bin", 6)}}), "holds a zero byte"));
    fs::create_directories(folder());
    fs::create_symlink(outside() / "secret", folder() / "link");
    fs::create_symlink(outside(), folder() / "linked_folder");
    EXPECT_TRUE(refused(external({{"location", "link"}}), "is a symbolic link out of the model's folder"));
    EXPECT_TRUE(
        refused(external({{"location", "linked_folder/secret"}}), "is a symbolic link out of the model's folder"));
    // A folder beside whose name begins alike.
    write(folder().string() + "2/secret", "0123456789abcdef");
    fs::create_symlink(folder().string() + "2/secret", folder() / "link2");
    EXPECT_TRUE(refused(external({{"location", "link2"}}), "is a symbolic link out of the model's folder"));
    // Names that only look like it are fine.
    write(folder() / "..w", "01234567");
    EXPECT_EQ(load(external({{"location", "..w"}})), "01234567");
}

TEST_F(External, LinksInsideTheFolderWork) {
    write(folder() / "data/w.bin", "01234567");
    fs::create_symlink("data/w.bin", folder() / "w.bin");
    EXPECT_EQ(load(external({{"location", "w.bin"}})), "01234567");
}

TEST_F(External, RefusesWhatIsNoFile) {
    fs::create_directories(folder() / "dir");
    ASSERT_EQ(::mkfifo((folder() / "pipe").c_str(), 0600), 0);
    EXPECT_TRUE(refused(external({{"location", "dir"}}), "is not a regular file"));
    EXPECT_TRUE(refused(external({{"location", "pipe"}}), "is not a regular file"));
    EXPECT_TRUE(refused(external({{"location", "missing.bin"}}), "No such file"));
}

TEST_F(External, ChecksOffsetsAndLengths) {
    write(folder() / "w.bin", "0123456789");
    write(folder() / "empty.bin", "");
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "11"}}), "has 10 bytes, the offset is 11"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "3"}}), "those from 3 on for 8 are not all there"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "4"}, {"length", "18446744073709551615"}}),
                        "not all there"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "18446744073709551615"}}),
                        "the offset is 18446744073709551615"));
    EXPECT_TRUE(
        refused(external({{"location", "w.bin"}, {"length", "9"}}), "length is 9, but type and dims need 8 bytes"));
    EXPECT_TRUE(refused(external({{"location", "empty.bin"}}), "has 0 bytes"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "-1"}}), "which is no number"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"offset", "1x"}}), "which is no number"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"length", "18446744073709551616"}}), "which is no number"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"location", "w.bin"}}), "has location twice"));
    EXPECT_TRUE(refused(external({{"offset", "0"}}), "without a location"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}}, {-2}), "dimension -2 is negative"));
    EXPECT_TRUE(refused(external({{"location", "w.bin"}}).bytes(9, "12345678"), "external data, and raw_data besides"));
}

TEST_F(External, VerifiesChecksums) {
    const std::string text = "0123456789";
    write(folder() / "w.bin", text);
    std::string digest = sha1(std::as_bytes(std::span(text)));
    EXPECT_EQ(load(external({{"location", "w.bin"}, {"checksum", digest}})), "01234567");
    for (char& c : digest) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(load(external({{"location", "w.bin"}, {"checksum", digest}})), "01234567");
    digest[0] = digest[0] == '0' ? '1' : '0';
    EXPECT_TRUE(refused(external({{"location", "w.bin"}, {"checksum", digest}}), "has the SHA-1"));
}

TEST_F(External, ModelsWithoutAPath) {
    write(folder() / "w.bin", "01234567");
    const Message file = modelOf(external({{"location", "w.bin"}}));
    EXPECT_NE(testing::parse(file).status().message().find("the model came without a path"), std::string::npos);
    ParseOptions options;
    options.folder = folder().string();
    EXPECT_TRUE(testing::parse(file, options).ok());

    options = {};
    options.external = ParseOptions::External::kDefer;
    Model model = testing::parse(file, options).take();
    const Tensor& tensor = model.graph.initializers[0];
    ASSERT_TRUE(tensor.external);
    EXPECT_EQ(tensor.external->location, "w.bin");
    EXPECT_FALSE(tensor.bytes().ok());
    EXPECT_FALSE(loadExternalData(model, outside().string()).ok());
    ASSERT_TRUE(loadExternalData(model, folder().string()).ok());
    EXPECT_EQ(tensor.bytes().take().size(), 8u);
}

TEST_F(External, DeferredDataInSubgraphsAndFunctions) {
    write(folder() / "w.bin", "01234567");
    const Message tensor = external({{"location", "w.bin"}});
    const Message branch = testing::graph({.outputs = {"w"}, .initializers = {tensor}});
    const Message constant = testing::attributeHead("value", AttributeType::kTensor).message(5, tensor);
    const Message function =
        testing::function({.name = "f", .outputs = {"y"}, .nodes = {testing::node("Constant", {}, {"y"}, {constant})}});
    ParseOptions options;
    options.external = ParseOptions::External::kDefer;
    Model model =
        testing::parse(
            testing::model(testing::graph({.nodes = {testing::node("If", {"c"}, {"y"},
                                                                   {testing::graphAttribute("then_branch", branch)})}}),
                           {function}),
            options)
            .take();
    ASSERT_TRUE(loadExternalData(model, folder().string()).ok());
    EXPECT_TRUE(model.graph.nodes[0].attributes[0].graphs[0].initializers[0].hasData());
    EXPECT_TRUE(model.functions[0].nodes[0].attributes[0].tensors[0].hasData());
}

}  // namespace
}  // namespace lathe::onnx
