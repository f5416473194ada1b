// dst[c][r] = src[r][c] for elements of type T, by tiles of 32 x 32.
extern "C" __global__ void __launch_bounds__(256) transpose(const TransposeParams p) {
    __shared__ T tile[32][33];
    u32 tilesC = static_cast<u32>((p.cols + 31) / 32);
    i64 r0 = static_cast<i64>(blockIdx.x / tilesC) * 32, c0 = static_cast<i64>(blockIdx.x % tilesC) * 32;
    u32 rest = blockIdx.y;
    i64 from = 0, to = 0;
#pragma unroll
    for (int d = 0; d < 3; ++d) {
        u32 q = divide(rest, p.batch[d]), i = rest - q * p.batch[d].divisor;
        from += i * p.batchSrc[d];
        to += i * p.batchDst[d];
        rest = q;
    }
    from += rest * p.batchSrc[3];
    to += rest * p.batchDst[3];
    const T* src = static_cast<const T*>(p.src) + from;
    T* dst = static_cast<T*>(p.dst) + to;
    i64 c = c0 + threadIdx.x;
#pragma unroll
    for (int y = 0; y < 32; y += 8) {
        i64 r = r0 + threadIdx.y + y;
        if (r < p.rows && c < p.cols) tile[threadIdx.y + y][threadIdx.x] = src[r * p.srcRow + c];
    }
    __syncthreads();
    i64 r = r0 + threadIdx.x;
#pragma unroll
    for (int y = 0; y < 32; y += 8) {
        i64 cc = c0 + threadIdx.y + y;
        if (r < p.rows && cc < p.cols) dst[cc * p.dstRow + r] = tile[threadIdx.x][threadIdx.y + y];
    }
}
