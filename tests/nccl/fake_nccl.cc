// SPDX-License-Identifier: Apache-2.0
// In the place of libnccl.so.2: writes down what it is called with. A communicator is a pointer to {ranks, rank}.
#include <cstddef>
#include <cstdio>
#include <string>

namespace {

std::string calls;

void note(const char* name, size_t count, int type, int extra, const void* communicator, const void* stream) {
    char text[200];
    std::snprintf(text, sizeof text, "%s count=%zu type=%d op=%d ranks=%d stream=%zu\n", name, count, type, extra,
                  static_cast<const int*>(communicator)[0], reinterpret_cast<size_t>(stream));
    calls += text;
}

}  // namespace

extern "C" {

// For the test.
const char* fakeNcclCalls() { return calls.c_str(); }
void fakeNcclClear() { calls.clear(); }

int ncclGetVersion(int* version) {
    *version = 22809;
    return 0;
}
const char* ncclGetErrorString(int) { return "the fake says no"; }
int ncclCommCount(const void* communicator, int* ranks) {
    *ranks = static_cast<const int*>(communicator)[0];
    return *ranks < 0 ? 4 : 0;
}
int ncclCommUserRank(const void* communicator, int* rank) {
    *rank = static_cast<const int*>(communicator)[1];
    return 0;
}
int ncclAllReduce(const void*, void*, size_t count, int type, int op, void* c, void* stream) {
    note("all_reduce", count, type, op, c, stream);
    return 0;
}
int ncclAllGather(const void*, void*, size_t count, int type, void* c, void* stream) {
    note("all_gather", count, type, -1, c, stream);
    return 0;
}
int ncclBroadcast(const void*, void*, size_t count, int type, int root, void* c, void* stream) {
    note("broadcast", count, type, root, c, stream);
    return 0;
}
int ncclReduce(const void*, void*, size_t count, int type, int op, int root, void* c, void* stream) {
    note("reduce", count, type, op * 10 + root, c, stream);
    return 0;
}
int ncclReduceScatter(const void*, void*, size_t count, int type, int op, void* c, void* stream) {
    note("reduce_scatter", count, type, op, c, stream);
    return static_cast<int*>(c)[1] == 99 ? 5 : 0;
}

}  // extern "C"
