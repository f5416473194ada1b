// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/nccl.h"

namespace lathe::cuda {
namespace {

// The library's numbers. What is only moved goes as bytes.
int ncclType(DType t) {
    switch (t) {
        case DType::kInt8: return 0;
        case DType::kInt32: return 2;
        case DType::kInt64: return 4;
        case DType::kHalf: return 6;
        case DType::kFloat: return 7;
        case DType::kBf16: return 9;
        default: return 1;  // u8
    }
}

}  // namespace

Result<Nccl> Nccl::load() {
    // A communicator is an object of the library that the application uses.
    Library library = Library::loaded("libnccl.so.2");
    if (!library.handle()) library = TRY(Library::open({"libnccl.so.2"}));
    Nccl nccl;
    Api& a = nccl.api_;
    TRY(library.load("ncclGetVersion", a.version));
    TRY(library.load("ncclGetErrorString", a.errorText));
    TRY(library.load("ncclCommCount", a.count));
    TRY(library.load("ncclCommUserRank", a.rank));
    TRY(library.load("ncclAllReduce", a.allReduce));
    TRY(library.load("ncclAllGather", a.allGather));
    TRY(library.load("ncclBroadcast", a.broadcast));
    TRY(library.load("ncclReduce", a.reduce));
    TRY(library.load("ncclReduceScatter", a.reduceScatter));
    int v = 0;
    TRY(nccl.check(a.version(&v), "ncclGetVersion"));
    // 22809 for 2.28.9.
    nccl.version_ = fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
    return nccl;
}

Result<const Nccl*> Nccl::get() {
    static const auto* loaded = new Result<Nccl>(load());
    if (!loaded->ok()) return loaded->status();
    return &**loaded;
}

Status Nccl::check(int result, const char* call) const {
    if (result == 0) return {};
    const char* text = api_.errorText ? api_.errorText(result) : nullptr;
    return makeStatus(Code::kFailedExecution, "{} answers {} ({})", call, result, text ? text : "?");
}

Result<int> Nccl::ranksOf(void* communicator) const {
    int n = 0;
    TRY(check(api_.count(communicator, &n), "ncclCommCount"));
    return n;
}
Result<int> Nccl::rankOf(void* communicator) const {
    int r = 0;
    TRY(check(api_.rank(communicator, &r), "ncclCommUserRank"));
    return r;
}

Status Nccl::run(const Call& c, const void* from, void* to, void* communicator, void* stream) const {
    int type = ncclType(c.type), reduce = static_cast<int>(c.reduce);
    switch (c.kind) {
        case Kind::kAllReduce:
            return check(api_.allReduce(from, to, c.count, type, reduce, communicator, stream), "ncclAllReduce");
        case Kind::kAllGather:
            return check(api_.allGather(from, to, c.count, type, communicator, stream), "ncclAllGather");
        case Kind::kBroadcast:
            return check(api_.broadcast(from, to, c.count, type, c.root, communicator, stream), "ncclBroadcast");
        case Kind::kReduce:
            return check(api_.reduce(from, to, c.count, type, reduce, c.root, communicator, stream), "ncclReduce");
        case Kind::kReduceScatter:
            return check(api_.reduceScatter(from, to, c.count, type, reduce, communicator, stream),
                         "ncclReduceScatter");
    }
    return internalError("unknown kind of communication");
}

}  // namespace lathe::cuda
