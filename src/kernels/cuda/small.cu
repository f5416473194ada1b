// What the small kernels share: numbers of any type, and a thread's item.
DEV i64 itemOf() { return static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x; }

template <class X> DEV double toNumber(X v) { return static_cast<double>(v); }
template <> DEV double toNumber<f16>(f16 v) { return static_cast<double>(toF32(v)); }
template <> DEV double toNumber<bf16>(bf16 v) { return static_cast<double>(toF32(v)); }
template <> DEV double toNumber<f8>(f8 v) { return static_cast<double>(toF32(v)); }
template <class X> DEV float toFloat(X v) { return static_cast<float>(v); }
template <> DEV float toFloat<f16>(f16 v) { return toF32(v); }
template <> DEV float toFloat<bf16>(bf16 v) { return toF32(v); }
template <> DEV float toFloat<f8>(f8 v) { return toF32(v); }
template <class X> DEV X ofNumber(double v) { return static_cast<X>(v); }
template <> DEV f16 ofNumber<f16>(double v) { return fromF32<f16>(static_cast<float>(v)); }
template <> DEV bf16 ofNumber<bf16>(double v) { return fromF32<bf16>(static_cast<float>(v)); }
template <> DEV f8 ofNumber<f8>(double v) { return fromF32<f8>(static_cast<float>(v)); }
template <class X> DEV X ofFloat(float v) { return static_cast<X>(v); }
template <> DEV f16 ofFloat<f16>(float v) { return fromF32<f16>(v); }
template <> DEV bf16 ofFloat<bf16>(float v) { return fromF32<bf16>(v); }
template <> DEV f8 ofFloat<f8>(float v) { return fromF32<f8>(v); }

template <class X> DEV const X* in(const SmallParams& p, int i) { return static_cast<const X*>(p.data[i]); }
template <class X> DEV X* out(const SmallParams& p, int i) { return static_cast<X*>(p.data[i]); }

// Tells that data is not what the op allows (kFault of move.h as data i).
DEV void tellFault(const SmallParams& p, int i) {
    if (p.data[i]) atomicOr(static_cast<unsigned*>(p.data[i]), 1u);
}
