// dst[c][r] = src[r][c] for elements of type T, by tiles of TILE x TILE; P elements of a row move together.
constexpr int kLanes = TILE / P, kRows = 256 / kLanes;

extern "C" __global__ void __launch_bounds__(256) transpose(const TransposeParams p) {
    // Rows of a whole number of words, an odd number of them.
    constexpr int kWord = sizeof(T) >= 4 ? 1 : 4 / sizeof(T);
    __shared__ __align__(16) T tile[TILE][TILE + kWord];
    u32 tilesC = static_cast<u32>((p.cols + TILE - 1) / TILE);
    i64 r0 = static_cast<i64>(blockIdx.x / tilesC) * TILE, c0 = static_cast<i64>(blockIdx.x % tilesC) * TILE;
    u32 rest = blockIdx.y;
    i64 from = 0, to = 0;
#pragma unroll
    for (int d = 0; d < 3; ++d) {
        u32 q = divide(rest, p.batch[d]), i = rest - q * p.batch[d].divisor;
        from += i * p.batchSrc[d];
        to += i * p.batchDst[d];
        rest = q;
    }
    const T* src = static_cast<const T*>(p.src) + from + rest * p.batchSrc[3];
    T* dst = static_cast<T*>(p.dst) + to + rest * p.batchDst[3];
    int lane = threadIdx.x % kLanes * P, row = threadIdx.x / kLanes;
    Pack<T, P> v[TILE / kRows];
#pragma unroll
    for (int y = 0; y < TILE / kRows; ++y) {
        i64 r = r0 + row + y * kRows;
        if (r < p.rows && c0 + lane < p.cols) v[y] = loadPack<T, P>(src, r * p.srcRow + c0 + lane);
    }
#pragma unroll
    for (int y = 0; y < TILE / kRows; ++y) *reinterpret_cast<Pack<T, P>*>(&tile[row + y * kRows][lane]) = v[y];
    __syncthreads();
#pragma unroll
    for (int y = 0; y < TILE / kRows; ++y) {
        int c = row + y * kRows;
        if (c0 + c < p.cols && r0 + lane < p.rows) {
            Pack<T, P> out;
#pragma unroll
            for (int j = 0; j < P; ++j) out.v[j] = tile[lane + j][c];
            storePack<T, P>(dst, (c0 + c) * p.dstRow + r0 + lane, out);
        }
    }
}
