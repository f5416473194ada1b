// Barriers in shared memory, clusters and operand descriptors of sm_90a.
DEV u32 sharedAddress(const void* p) { return static_cast<u32>(__cvta_generic_to_shared(p)); }
DEV void barrierInit(u32 b, u32 count) { asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(b), "r"(count) : "memory"); }
DEV void barrierExpect(u32 b, u32 bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(b), "r"(bytes) : "memory");
}
DEV void barrierWait(u32 b, u32 parity) {
    u32 done;
    do {
        asm volatile("{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\nselp.u32 %0, 1, 0, p;\n}"
                     : "=r"(done) : "r"(b), "r"(parity) : "memory");
    } while (!done);
}
// At the same barrier of block `rank` of the cluster. Not a release at the cluster's scope, which would be a memory
// barrier: what is told is that a tile has been read.
DEV void barrierArriveAt(u32 b, u32 rank) {
    asm volatile("{\n.reg .b32 r;\nmapa.shared::cluster.u32 r, %0, %1;\nmbarrier.arrive.shared::cluster.b64 _, [r];\n}"
                 ::"r"(b), "r"(rank) : "memory");
}
DEV u32 clusterRank() {
    u32 r;
    asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(r));
    return r;
}
DEV void clusterSync() {
    asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
}
// Rows of 128 bytes, swizzled over 8 of them.
DEV u64 descriptor(u32 address) {
    return static_cast<u64>((address & 0x3ffffu) >> 4) | 1ull << 16 | static_cast<u64>(1024 >> 4) << 32 | 1ull << 62;
}

