// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/attention.h"

#include "kernels/cpu/grain.h"
#include "kernels/cpu/isa/isa.h"

LATHE_ISA_TABLE(AttentionTable, attentionTable)

namespace lathe::cpu {
namespace {

// The query rows that are computed over one packing of the keys. More of them save packing, fewer spread better.
constexpr int64_t kMaxRows = 264;
constexpr int64_t kMinRows = 48;

struct Split {
    int64_t rows = 0;   // of a unit
    int64_t units = 0;  // in all
    int parts = 1;
};

// Rows over which one packing of keys and values may serve.
int64_t sharedRows(const AttentionArgs& a) { return a.queries * (a.heads / a.kvHeads); }

Split splitOf(const AttentionArgs& a) {
    Split s;
    int64_t groups = a.batch * a.kvHeads, rows = sharedRows(a);
    int threads = ThreadPool::instance().threads();
    // Two operations per element in each of the two products.
    double operations = 2.0 * static_cast<double>(groups) * static_cast<double>(rows) * static_cast<double>(a.keys) *
                        static_cast<double>(a.headDim + a.valueDim);
    int64_t useful = std::max<int64_t>(1, static_cast<int64_t>(operations / (2 * kArithmeticGrain)));
    int64_t chunks = (rows + kMaxRows - 1) / kMaxRows;
    int64_t wanted = std::min<int64_t>(useful, 2 * threads);
    if (threads > 1 && groups * chunks < wanted && groups * chunks % threads != 0) {
        int64_t more = (wanted + groups - 1) / groups;
        chunks = std::clamp<int64_t>(more, chunks, std::max<int64_t>(chunks, rows / kMinRows));
    }
    s.rows = (rows + chunks - 1) / std::max<int64_t>(1, chunks);
    chunks = (rows + s.rows - 1) / std::max<int64_t>(1, s.rows);
    s.units = groups * chunks;
    s.parts = static_cast<int>(std::clamp<int64_t>(std::min<int64_t>(s.units, useful), 1, threads));
    return s;
}

int64_t floatsPerPart(const AttentionArgs& a, const Split& s) {
    return (attentionTable().workspaceFloats(a, s.rows) + 15) / 16 * 16;
}

}  // namespace

int64_t attentionWorkspaceBytes(const AttentionArgs& args) {
    if (args.queries == 0 || args.batch == 0 || args.heads == 0) return 0;
    Split s = splitOf(args);
    return s.parts * floatsPerPart(args, s) * static_cast<int64_t>(sizeof(float));
}

void attention(const AttentionArgs& args) {
    if (args.queries == 0 || args.batch == 0 || args.heads == 0) return;
    Split s = splitOf(args);
    const AttentionTable& kernels = attentionTable();
    int64_t rows = sharedRows(args), chunks = (rows + s.rows - 1) / s.rows, floats = floatsPerPart(args, s);
    ThreadPool::instance().run(s.parts, [&](int part) {
        float* workspace = static_cast<float*>(args.workspace) + part * floats;
        // Units of a part are spread evenly where all cost the same, and interleaved where later rows see more keys.
        for (int64_t i = 0;; ++i) {
            int64_t unit = args.causal && chunks > 1 ? part + i * s.parts : part * s.units / s.parts + i;
            if (unit >= (args.causal && chunks > 1 ? s.units : (part + 1) * s.units / s.parts)) break;
            int64_t group = unit / chunks, begin = unit % chunks * s.rows;
            kernels.rows(args, group / args.kvHeads, group % args.kvHeads, begin, std::min(rows, begin + s.rows),
                         workspace);
        }
    });
}

}  // namespace lathe::cpu
