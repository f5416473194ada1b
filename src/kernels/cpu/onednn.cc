// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/onednn.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/cpu_info.h"

namespace lathe::cpu::onednn {
namespace {

// The part of the C interface of oneDNN 3 that is used here: opaque objects are pointers, enumerations are ints.
using Status_ = int;
constexpr int kMaxDims = 12;
constexpr int kCpu = 1, kF32 = 3, kInference = 96, kConvDirect = 1, kDeconvDirect = 10, kAnyTag = 1, kUserScratch = 1;
constexpr int kQueryKernel = 8, kQueryStrides = 14, kQueryWeights = 131, kQueryScratch = 136, kQueryPadded = 260,
              kQueryBlocks = 263, kQueryBlockSizes = 264, kQueryBlockAxes = 265;
constexpr int kSrc = 1, kDst = 17, kWeights = 33, kBias = 41, kScratch = 80;
struct Version {
    int major, minor, patch;
};
struct Arg {
    int arg;
    void* memory;
};

struct Api {
    void* library = nullptr;
    std::string version, absence;
    void* engine = nullptr;

    const Version* (*getVersion)();
    Status_ (*setMaxIsa)(int);
    Status_ (*engineCreate)(void**, int, size_t);
    Status_ (*streamCreate)(void**, void*, unsigned);
    Status_ (*streamDestroy)(void*);
    Status_ (*descByTag)(void**, int, const int64_t*, int, int);
    Status_ (*descByStrides)(void**, int, const int64_t*, int, const int64_t*);
    Status_ (*descDestroy)(void*);
    Status_ (*descQuery)(const void*, int, void*);
    size_t (*descSize)(const void*);
    Status_ (*memoryCreate)(void**, const void*, void*, void*);
    Status_ (*memorySet)(void*, void*);
    Status_ (*memoryDestroy)(void*);
    Status_ (*attrCreate)(void**);
    Status_ (*attrDestroy)(void*);
    Status_ (*attrScratch)(void*, int);
    Status_ (*attrPostOps)(void*, const void*);
    Status_ (*postOpsCreate)(void**);
    Status_ (*postOpsDestroy)(void*);
    Status_ (*postOpsActivation)(void*, int, float, float);
    Status_ (*postOpsSum)(void*, float, int32_t, int);
    Status_ (*conv)(void**, void*, int, int, const void*, const void*, const void*, const void*, const int64_t*,
                    const int64_t*, const int64_t*, const int64_t*, const void*);
    Status_ (*deconv)(void**, void*, int, int, const void*, const void*, const void*, const void*, const int64_t*,
                      const int64_t*, const int64_t*, const int64_t*, const void*);
    Status_ (*reorder)(void**, const void*, void*, const void*, void*, const void*);
    Status_ (*primitiveQuery)(const void*, int, int, void*);
    const void* (*primitiveDesc)(const void*, int, int);
    Status_ (*primitiveDescDestroy)(void*);
    Status_ (*primitiveCreate)(void**, const void*);
    Status_ (*primitiveDestroy)(void*);
    Status_ (*execute)(const void*, void*, int, const Arg*);
    int (*ompThreads)();
    void (*ompSetThreads)(int);

    Api();

  private:
    bool open();
    bool bind();
};

const Api& api() {
    static const Api* one = new Api;
    return *one;
}

// While it lives, oneDNN runs in this thread alone; what the program set for its own OpenMP regions comes back.
class OneThread {
  public:
    OneThread() : before_(api().ompThreads()) { api().ompSetThreads(1); }
    ~OneThread() { api().ompSetThreads(before_); }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

  private:
    int before_;
};

// The layout of 8 or 16 channels, by its number in oneDNN's list; checked when the library is opened.
int blockedTag(int axes, int block) {
    static constexpr int by8[] = {69, 102, 142}, by16[] = {56, 78, 121};
    return (block == 16 ? by16 : by8)[axes - 1];
}

bool Api::open() {
    const char* given = std::getenv("LATHE_ONEDNN");
    if (given && std::strcmp(given, "off") == 0) {
        absence = "LATHE_ONEDNN is off";
        return false;
    }
    std::vector<std::string> paths;
    if (given && *given) {
        paths.push_back(given);
    } else {
        paths.push_back("libdnnl.so.3");
        if (const char* env = std::getenv("VIRTUAL_ENV")) paths.push_back(std::string(env) + "/lib/libdnnl.so.3");
        // A Python module lies some folders below its virtual environment, a build tree beside it.
        Dl_info here;
        if (dladdr(reinterpret_cast<void*>(&api), &here) && here.dli_fname) {
            char* real = realpath(here.dli_fname, nullptr);
            std::string folder = real ? real : "";
            std::free(real);
            for (int up = 0; up < 6; ++up) {
                size_t slash = folder.rfind('/');
                if (slash == std::string::npos || slash == 0) break;
                folder.resize(slash);
                for (const char* sub : {"/libdnnl.so.3", "/lib/libdnnl.so.3", "/.venv/lib/libdnnl.so.3"})
                    paths.push_back(folder + sub);
            }
        }
    }
    for (const std::string& p : paths)
        if ((library = dlopen(p.c_str(), RTLD_NOW | RTLD_LOCAL))) return true;
    absence = given && *given ? fmt::format("LATHE_ONEDNN names '{}', which cannot be opened", given)
                              : "libdnnl.so.3 is not found";
    return false;
}

bool Api::bind() {
    bool whole = true;
    auto find = [&](auto& to, const char* name) {
        to = reinterpret_cast<std::remove_reference_t<decltype(to)>>(dlsym(library, name));
        if (to) return;
        if (whole) absence = fmt::format("the library has no {}", name);
        whole = false;
    };
    find(getVersion, "dnnl_version");
    find(setMaxIsa, "dnnl_set_max_cpu_isa");
    find(engineCreate, "dnnl_engine_create");
    find(streamCreate, "dnnl_stream_create");
    find(streamDestroy, "dnnl_stream_destroy");
    find(descByTag, "dnnl_memory_desc_create_with_tag");
    find(descByStrides, "dnnl_memory_desc_create_with_strides");
    find(descDestroy, "dnnl_memory_desc_destroy");
    find(descQuery, "dnnl_memory_desc_query");
    find(descSize, "dnnl_memory_desc_get_size");
    find(memoryCreate, "dnnl_memory_create");
    find(memorySet, "dnnl_memory_set_data_handle");
    find(memoryDestroy, "dnnl_memory_destroy");
    find(attrCreate, "dnnl_primitive_attr_create");
    find(attrDestroy, "dnnl_primitive_attr_destroy");
    find(attrScratch, "dnnl_primitive_attr_set_scratchpad_mode");
    find(attrPostOps, "dnnl_primitive_attr_set_post_ops");
    find(postOpsCreate, "dnnl_post_ops_create");
    find(postOpsDestroy, "dnnl_post_ops_destroy");
    find(postOpsActivation, "dnnl_post_ops_append_eltwise");
    find(postOpsSum, "dnnl_post_ops_append_sum");
    find(conv, "dnnl_convolution_forward_primitive_desc_create");
    find(deconv, "dnnl_deconvolution_forward_primitive_desc_create");
    find(reorder, "dnnl_reorder_primitive_desc_create");
    find(primitiveQuery, "dnnl_primitive_desc_query");
    find(primitiveDesc, "dnnl_primitive_desc_query_md");
    find(primitiveDescDestroy, "dnnl_primitive_desc_destroy");
    find(primitiveCreate, "dnnl_primitive_create");
    find(primitiveDestroy, "dnnl_primitive_destroy");
    find(execute, "dnnl_primitive_execute");
    // Of the OpenMP library that oneDNN itself uses.
    find(ompThreads, "omp_get_max_threads");
    find(ompSetThreads, "omp_set_num_threads");
    if (!whole) return false;
    const Version* v = getVersion();
    version = fmt::format("{}.{}.{}", v->major, v->minor, v->patch);
    if (v->major != 3) {
        absence = fmt::format("oneDNN {} is not version 3", version);
        return false;
    }
    // Choices must be the same on every processor of a target. Only the first call of a process can set this.
    constexpr int kAvx2 = 7;
    if (activeIsa() == Isa::kBase || (activeIsa() == Isa::kAvx2 && setMaxIsa(kAvx2) != 0)) {
        absence = "it cannot be held to the target's instruction set";
        return false;
    }
    if (engineCreate(&engine, kCpu, 0) != 0) {
        absence = "it has no engine for the processor";
        return false;
    }
    for (int axes = 1; axes <= 3; ++axes)
        for (int block : {8, 16}) {
            int64_t dims[kMaxDims] = {2, 24, 3, 5, 7};
            void* desc = nullptr;
            int count = 0;
            const int64_t *sizes = nullptr, *places = nullptr;
            bool right = descByTag(&desc, axes + 2, dims, kF32, blockedTag(axes, block)) == 0 &&
                         descQuery(desc, kQueryBlocks, &count) == 0 && count == 1 &&
                         descQuery(desc, kQueryBlockSizes, &sizes) == 0 && sizes && sizes[0] == block &&
                         descQuery(desc, kQueryBlockAxes, &places) == 0 && places && places[0] == 1;
            if (desc) descDestroy(desc);
            if (!right) {
                absence = fmt::format("oneDNN {} numbers its layouts otherwise", version);
                return false;
            }
        }
    return true;
}

Api::Api() {
#if defined(__SANITIZE_THREAD__)
    constexpr bool kWatched = true;  // its threads' library is not one that the sanitizer knows
#else
    constexpr bool kWatched = false;
#endif
    if (kWatched)
        absence = "this build watches threads";
    else if (open() && bind())
        return;
    version.clear();
}

struct Desc {
    void* p = nullptr;
    Desc() = default;
    Desc(const Desc&) = delete;
    Desc& operator=(const Desc&) = delete;
    ~Desc() {
        if (p) api().descDestroy(p);
    }
};

Status check(int code, const char* what) {
    if (code == 0) return {};
    return unsupported("oneDNN {}: {} gives code {}", api().version, what, code);
}

Status descOf(Desc& d, int axes, int64_t n, int64_t c, const int64_t (&spatial)[3], Layout layout, int block) {
    int64_t dims[kMaxDims] = {n, c}, strides[kMaxDims] = {};
    for (int i = 0; i < axes; ++i) dims[2 + i] = spatial[3 - axes + i];
    if (layout == Layout::kBlocked)
        return check(api().descByTag(&d.p, axes + 2, dims, kF32, blockedTag(axes, block)), "a blocked layout");
    bool last = layout == Layout::kNhwc;
    int64_t step = last ? c : 1;
    for (int i = axes - 1; i >= 0; --i) {
        strides[2 + i] = step;
        step *= dims[2 + i];
    }
    strides[1] = last ? 1 : step;
    strides[0] = last ? step : step * c;
    return check(api().descByStrides(&d.p, axes + 2, dims, kF32, strides), "a plain layout");
}

// The activation's number and parameters there, or nothing.
bool activationOf(const Store& s, int& number, float& alpha, float& beta) {
    alpha = s.alpha, beta = s.beta;
    switch (s.activation) {
        case Activation::kRelu: number = 32, alpha = beta = 0; return true;
        case Activation::kLeakyRelu: number = 32, beta = 0; return true;
        case Activation::kClip: number = 46; return true;
        case Activation::kHardSigmoid: number = 40; return true;
        case Activation::kHardSwish: number = 52; return true;
        case Activation::kSigmoid: number = 41, alpha = beta = 0; return true;
        case Activation::kSilu: number = 44, alpha = 1, beta = 0; return true;
        case Activation::kTanh: number = 33, alpha = beta = 0; return s.alpha == 1 && s.beta == 1;
        case Activation::kGeluErf: number = 49, alpha = beta = 0; return true;
        case Activation::kGeluTanh: number = 43, alpha = beta = 0; return true;
        case Activation::kElu: number = 34, beta = 0; return true;
        default: return false;
    }
}

// Attributes: scratch memory is ours, and what happens to the sum.
class Attributes {
  public:
    Attributes() = default;
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    ~Attributes() {
        if (postOps_) api().postOpsDestroy(postOps_);
        if (p) api().attrDestroy(p);
    }
    Status set(const Store& s) {
        TRY(check(api().attrCreate(&p), "attributes"));
        TRY(check(api().attrScratch(p, kUserScratch), "a scratch mode"));
        TRY(check(api().postOpsCreate(&postOps_), "post-ops"));
        if (s.adds && !s.addsAfter) TRY(check(api().postOpsSum(postOps_, 1.0f, 0, 0), "a sum"));
        if (s.activation != Activation::kNone) {
            int number = 0;
            float alpha = 0, beta = 0;
            if (!activationOf(s, number, alpha, beta))
                return unsupported("oneDNN has no activation {}", static_cast<int>(s.activation));
            TRY(check(api().postOpsActivation(postOps_, number, alpha, beta), "an activation"));
        }
        if (s.adds && s.addsAfter) TRY(check(api().postOpsSum(postOps_, 1.0f, 0, 0), "a sum"));
        return check(api().attrPostOps(p, postOps_), "post-ops");
    }
    void* p = nullptr;

  private:
    void* postOps_ = nullptr;
};

}  // namespace

const std::string& version() { return api().version; }
const std::string& absence() { return api().absence; }

struct Op::Objects {
    Desc src, dst, bias, plain, any;
    void* desc = nullptr;  // the primitive's
    void* primitive = nullptr;
    void* stream = nullptr;
    void* memory[5] = {};  // src, weights, bias, dst, scratch
    const void* weights = nullptr;
    ~Objects() {
        OneThread alone;
        for (void* m : memory)
            if (m) api().memoryDestroy(m);
        if (stream) api().streamDestroy(stream);
        if (primitive) api().primitiveDestroy(primitive);
        if (desc) api().primitiveDescDestroy(desc);
    }
};

Op::Op() = default;
Op::~Op() = default;

Result<std::unique_ptr<Op>> Op::make(const Conv& c, const Store& store, const int64_t* plain) {
    if (version().empty()) return unsupported("oneDNN is absent: {}", absence());
    OneThread alone;
    auto op = std::unique_ptr<Op>(new Op);
    op->objects_ = std::make_unique<Objects>();
    Objects& o = *op->objects_;
    TRY(descOf(o.src, c.axes, c.n, c.ic, c.in, c.inLayout, c.block));
    TRY(descOf(o.dst, c.axes, c.n, c.oc, c.out, c.outLayout, c.block));
    int64_t taps = c.kernel[0] * c.kernel[1] * c.kernel[2], icg = c.ic / c.groups, ocg = c.oc / c.groups;
    int64_t stored = (c.ocWhole ? c.ocWhole : c.oc) / c.groups;
    int64_t dims[kMaxDims] = {}, strides[kMaxDims] = {};
    int at = 0;
    auto axis = [&](int64_t extent, int64_t step) {
        dims[at] = extent;
        strides[at++] = step;
    };
    if (c.groups > 1) axis(c.groups, icg * ocg * taps);
    axis(ocg, c.transposed ? taps : icg * taps);
    axis(icg, c.transposed ? stored * taps : taps);
    for (int i = 3 - c.axes; i < 3; ++i) {
        int64_t inner = 1;
        for (int k = i + 1; k < 3; ++k) inner *= c.kernel[k];
        axis(c.kernel[i], inner);
    }
    for (int i = 0; plain && i < 2; ++i) strides[i] = plain[i];
    TRY(check(api().descByStrides(&o.plain.p, at, dims, kF32, strides), "plain weights"));
    TRY(check(api().descByTag(&o.any.p, at, dims, kF32, kAnyTag), "weights"));
    if (store.bias) {
        int64_t one[kMaxDims] = {c.oc}, step[kMaxDims] = {1};
        TRY(check(api().descByStrides(&o.bias.p, 1, one, kF32, step), "a bias"));
    }
    Attributes attributes;
    TRY(attributes.set(store));
    int64_t stride[kMaxDims] = {}, dilation[kMaxDims] = {}, before[kMaxDims] = {}, after[kMaxDims] = {};
    for (int i = 0; i < c.axes; ++i) {
        int k = 3 - c.axes + i;
        stride[i] = c.stride[k];
        dilation[i] = c.dilation[k] - 1;
        before[i] = c.padBefore[k];
        after[i] = c.padAfter[k];
    }
    auto create = c.transposed ? api().deconv : api().conv;
    TRY(check(create(&o.desc, api().engine, kInference, c.transposed ? kDeconvDirect : kConvDirect, o.src.p, o.any.p,
                     o.bias.p, o.dst.p, stride, dilation, before, after, attributes.p),
              "a convolution"));
    TRY(op->finish());
    return op;
}

Result<std::unique_ptr<Op>> Op::make(const Conv& conv, const Store& store) { return make(conv, store, nullptr); }

Result<std::unique_ptr<Op>> Op::make(const Product& p, const Store& store) {
    Conv c;
    c.axes = 1;
    c.ic = p.k;
    c.oc = p.n;
    c.in[2] = c.out[2] = p.m;
    c.inLayout = c.outLayout = Layout::kNhwc;
    int64_t plain[] = {p.transB ? p.ldb : 1, p.transB ? 1 : p.ldb};
    return make(c, store, plain);
}

Status Op::finish() {
    Objects& o = *objects_;
    const char* kernel = nullptr;
    TRY(check(api().primitiveQuery(o.desc, kQueryKernel, 0, &kernel), "a kernel's name"));
    kernel_ = kernel;
    // Its reference is slow, and its products by GEMM allocate as they run.
    for (const char* unfit : {"ref", "gemm"})
        if (kernel_.find(unfit) != std::string::npos)
            return unsupported("oneDNN {} has no kernel for it but '{}'", version(), kernel_);
    o.weights = api().primitiveDesc(o.desc, kQueryWeights, 0);
    if (!o.weights) return unsupported("oneDNN {} does not say how weights lie", version());
    weightsBytes_ = static_cast<int64_t>(api().descSize(o.weights));
    if (const void* scratch = api().primitiveDesc(o.desc, kQueryScratch, 0))
        workspaceBytes_ = static_cast<int64_t>(api().descSize(scratch));
    // Arrays of kMaxDims in the description, with zeros behind its axes.
    const int64_t *strides = nullptr, *padded = nullptr, *sizes = nullptr, *places = nullptr;
    int blocks = 0;
    TRY(check(api().descQuery(o.weights, kQueryStrides, &strides), "strides"));
    TRY(check(api().descQuery(o.weights, kQueryPadded, &padded), "padded extents"));
    TRY(check(api().descQuery(o.weights, kQueryBlocks, &blocks), "blocks"));
    TRY(check(api().descQuery(o.weights, kQueryBlockSizes, &sizes), "blocks' sizes"));
    TRY(check(api().descQuery(o.weights, kQueryBlockAxes, &places), "blocks' axes"));
    if (!strides || !padded || blocks < 0 || blocks > kMaxDims || (blocks > 0 && (!sizes || !places)))
        return unsupported("oneDNN {} does not say how weights lie", version());
    form_ = fmt::format("onednn-{}", version());
    for (int i = 0; i < kMaxDims && padded[i] > 0; ++i) form_ += fmt::format(".{}:{}", padded[i], strides[i]);
    for (int i = 0; i < blocks; ++i) form_ += fmt::format(".{}{}", sizes[i], static_cast<char>('a' + places[i]));
    return {};
}

Status Op::pack(const float* plain, void* packed) const {
    OneThread alone;
    Objects& o = *objects_;
    void *desc = nullptr, *primitive = nullptr, *stream = nullptr, *from = nullptr, *to = nullptr;
    auto go = [&]() -> Status {
        TRY(check(api().reorder(&desc, o.plain.p, api().engine, o.weights, api().engine, nullptr), "a reorder"));
        TRY(check(api().primitiveCreate(&primitive, desc), "a reorder"));
        TRY(check(api().streamCreate(&stream, api().engine, 1), "a stream"));
        TRY(check(api().memoryCreate(&from, o.plain.p, api().engine, const_cast<float*>(plain)), "memory"));
        TRY(check(api().memoryCreate(&to, o.weights, api().engine, packed), "memory"));
        Arg args[] = {{kSrc, from}, {kDst, to}};
        return check(api().execute(primitive, stream, 2, args), "a reorder");
    };
    // Lanes that pad a block need not be written by the reorder.
    std::memset(packed, 0, static_cast<size_t>(weightsBytes_));
    Status done = go();
    if (from) api().memoryDestroy(from);
    if (to) api().memoryDestroy(to);
    if (stream) api().streamDestroy(stream);
    if (primitive) api().primitiveDestroy(primitive);
    if (desc) api().primitiveDescDestroy(desc);
    return done;
}

Status Op::prepare() {
    OneThread alone;
    Objects& o = *objects_;
    TRY(check(api().primitiveCreate(&o.primitive, o.desc), "a primitive"));
    TRY(check(api().streamCreate(&o.stream, api().engine, 1), "a stream"));
    const void* descs[] = {o.src.p, o.weights, o.bias.p, o.dst.p, api().primitiveDesc(o.desc, kQueryScratch, 0)};
    for (int i = 0; i < 5; ++i)
        if (descs[i]) TRY(check(api().memoryCreate(&o.memory[i], descs[i], api().engine, nullptr), "memory"));
    return {};
}

Status Op::run(const float* src, const void* packed, const float* bias, float* dst, void* workspace) {
    OneThread alone;
    Objects& o = *objects_;
    static constexpr int places[] = {kSrc, kWeights, kBias, kDst, kScratch};
    void* data[] = {const_cast<float*>(src), const_cast<void*>(packed), const_cast<float*>(bias), dst, workspace};
    Arg args[5];
    int count = 0;
    for (int i = 0; i < 5; ++i) {
        if (!o.memory[i]) continue;
        TRY(check(api().memorySet(o.memory[i], data[i]), "memory"));
        args[count++] = {places[i], o.memory[i]};
    }
    return check(api().execute(o.primitive, o.stream, count, args), "a run");
}

}  // namespace lathe::cpu::onednn
