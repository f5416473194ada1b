// SPDX-License-Identifier: Apache-2.0
#include "device/cuda/cudnn.h"

#include <algorithm>
#include <mutex>

#include "device/cuda/handles.h"

namespace lathe::cuda {
namespace {

// The library's numbers. Kinds of descriptors:
constexpr int kPointwise = 0, kConvolution = 1, kEngineConfig = 3, kHeuristics = 4, kExecutionPlan = 5,
              kConvForward = 10, kPointwiseOp = 13, kGraph = 15, kVariantPack = 16, kTensor = 17, kEngine = 2;
// Types of attributes.
constexpr int kHandleType = 0, kDataType = 1, kBool = 2, kInt64 = 3, kFloat = 4, kPointer = 6, kConvMode = 7,
              kHeurMode = 8, kNumericalNote = 11, kPointwiseMode = 14, kDescriptor = 15;
// Attributes.
constexpr int kPointwiseModeAttr = 0, kPointwisePrecision = 1, kSwishBeta = 8;
constexpr int kConvComputeType = 100, kConvModeAttr = 101, kConvDilations = 102, kConvStrides = 103,
              kConvPostPaddings = 104, kConvPrePaddings = 105, kConvSpatialDims = 106;
constexpr int kHeurModeAttr = 200, kHeurGraph = 201, kHeurResults = 202;
constexpr int kConfigEngine = 300;
constexpr int kPlanHandle = 400, kPlanConfig = 401, kPlanWorkspace = 402;
constexpr int kForwardAlpha = 700, kForwardBeta = 701, kForwardConv = 702, kForwardW = 703, kForwardX = 704,
              kForwardY = 705;
constexpr int kOpPointwise = 750, kOpX = 751, kOpB = 752, kOpY = 753;
constexpr int kGraphHandle = 800, kGraphOps = 801;
constexpr int kAlignment = 900, kTensorType = 901, kDimensions = 902, kStrides = 903, kUniqueId = 906, kVirtual = 907;
constexpr int kPackIds = 1000, kPackPointers = 1001, kPackWorkspace = 1003;
constexpr int kEngineNotes = 1303;
// Values.
constexpr int kDataFloat = 0, kDataHalf = 2, kDataBf16 = 9, kCrossCorrelation = 1, kHeurModeA = 3;
constexpr int kModeAdd = 0, kModeRelu = 100, kModeTanh = 101, kModeSigmoid = 102, kModeGeluErf = 104, kModeSwish = 106,
              kModeGeluTanh = 107;
constexpr int kNoteTensorCore = 0, kNoteDownConverts = 1, kNoteReducedSums = 2, kNoteFft = 3, kNoteVaries = 4,
              kNoteWinograd = 5;
constexpr int kMostConfigs = 64, kMostNotes = 16;
// Its answers: from 3000 on "not supported".
constexpr int kBadParam = 2000, kNotSupported = 3000, kInternal = 4000;

enum TensorId : int64_t { kX = 1, kW, kBias, kResidual, kY, kSum0 = 10 };

int dataNumber(DType t) { return t == DType::kHalf ? kDataHalf : t == DType::kBf16 ? kDataBf16 : kDataFloat; }

int modeNumber(CudnnConv::Activation a) {
    switch (a) {
        case CudnnConv::Activation::kRelu: return kModeRelu;
        case CudnnConv::Activation::kSigmoid: return kModeSigmoid;
        case CudnnConv::Activation::kTanh: return kModeTanh;
        case CudnnConv::Activation::kSwish: return kModeSwish;
        case CudnnConv::Activation::kGeluErf: return kModeGeluErf;
        case CudnnConv::Activation::kGeluTanh: return kModeGeluTanh;
        case CudnnConv::Activation::kNone: break;
    }
    return -1;
}

// A single spatial axis becomes the second of two.
std::vector<int64_t> widened(std::vector<int64_t> v, int64_t with) {
    if (v.size() == 1) v.insert(v.begin(), with);
    return v;
}

}  // namespace

Result<Cudnn> Cudnn::load() {
    Library library = TRY(Library::open({"libcudnn.so.9"}));
    Cudnn d;
    Api& a = d.api_;
    TRY(library.load("cudnnGetVersion", a.version));
    TRY(library.load("cudnnCreate", a.create));
    TRY(library.load("cudnnSetStream", a.setStream));
    TRY(library.load("cudnnBackendCreateDescriptor", a.makeDescriptor));
    TRY(library.load("cudnnBackendDestroyDescriptor", a.destroyDescriptor));
    TRY(library.load("cudnnBackendFinalize", a.finalize));
    TRY(library.load("cudnnBackendSetAttribute", a.set));
    TRY(library.load("cudnnBackendGetAttribute", a.get));
    TRY(library.load("cudnnBackendExecute", a.execute));
    TRY(library.load("cudnnGetLastErrorString", a.lastError));
    size_t v = a.version();
    d.version_ = fmt::format("{}.{}.{}", v / 10000, v / 100 % 100, v % 100);
    return d;
}

Result<const Cudnn*> Cudnn::get() {
    static const auto* loaded = new Result<Cudnn>(load());
    if (!loaded->ok()) return loaded->status();
    return &**loaded;
}

Status Cudnn::check(int status, const char* call) const {
    if (status == 0) return {};
    char why[256] = {};
    api_.lastError(why, sizeof why);
    why[sizeof why - 1] = 0;
    std::string text = fmt::format("{}: cuDNN {} answers {}{}{}", call, version_, status, *why ? ": " : "", why);
    if (status >= kBadParam && status < kInternal) return unsupported("{}", text);
    return makeStatus(Code::kFailedExecution, "{}", text);
}

Result<void*> Cudnn::handleOf(const Gpu& gpu) const {
    static auto* handles = new Handles;
    return handles->of(gpu, [this](void** handle) { return check(api_.create(handle), "cudnnCreate"); });
}

// Makes descriptors, which it owns until they are taken.
class Cudnn::Builder {
  public:
    explicit Builder(const Cudnn& dnn) : dnn_(dnn) {}
    ~Builder() { destroy(dnn_, made_); }
    static void destroy(const Cudnn& dnn, std::vector<void*>& list) {
        while (!list.empty()) {
            dnn.api_.destroyDescriptor(list.back());
            list.pop_back();
        }
    }
    std::vector<void*> take() { return std::exchange(made_, {}); }

    Result<void*> make(int kind) {
        void* d = nullptr;
        TRY(dnn_.check(dnn_.api_.makeDescriptor(kind, &d), "cudnnBackendCreateDescriptor"));
        made_.push_back(d);
        return d;
    }
    Status set(void* d, int attribute, int type, int64_t count, const void* values) const {
        return dnn_.check(dnn_.api_.set(d, attribute, type, count, values), "cudnnBackendSetAttribute");
    }
    template <class T>
    Status set(void* d, int attribute, int type, const T& value) const {
        return set(d, attribute, type, 1, &value);
    }
    Status list(void* d, int attribute, const std::vector<int64_t>& values) const {
        return set(d, attribute, kInt64, static_cast<int64_t>(values.size()), values.data());
    }
    Status finalize(void* d) const { return dnn_.check(dnn_.api_.finalize(d), "cudnnBackendFinalize"); }

    // Channels-last [n, spatial..., c], in cuDNN's order n, c, spatial. Virtual: passed on between operations, in f32.
    Result<void*> tensor(int64_t id, int dataType, const std::vector<int64_t>& dims, bool isVirtual) {
        std::vector<int64_t> strides(dims.size());
        int64_t step = dims[1];
        strides[1] = 1;
        for (size_t i = dims.size(); i-- > 2;) {
            strides[i] = step;
            step *= dims[i];
        }
        strides[0] = step;
        void* t = TRY(make(kTensor));
        TRY(set(t, kTensorType, kDataType, dataType));
        TRY(list(t, kDimensions, dims));
        TRY(list(t, kStrides, strides));
        TRY(set(t, kUniqueId, kInt64, id));
        TRY(set(t, kAlignment, kInt64, int64_t{16}));
        TRY(set(t, kVirtual, kBool, isVirtual));
        TRY(finalize(t));
        return t;
    }
    Result<void*> pointwise(int mode, void* x, void* b, void* y) {
        void* p = TRY(make(kPointwise));
        TRY(set(p, kPointwiseModeAttr, kPointwiseMode, mode));
        TRY(set(p, kPointwisePrecision, kDataType, kDataFloat));
        if (mode == kModeSwish) TRY(set(p, kSwishBeta, kFloat, 1.0f));
        TRY(finalize(p));
        void* op = TRY(make(kPointwiseOp));
        TRY(set(op, kOpPointwise, kDescriptor, p));
        TRY(set(op, kOpX, kDescriptor, x));
        if (b) TRY(set(op, kOpB, kDescriptor, b));
        TRY(set(op, kOpY, kDescriptor, y));
        TRY(finalize(op));
        return op;
    }

    // The operations of the problem, in their order.
    Result<std::vector<void*>> operations(const CudnnConv& p) {
        auto in = widened(p.in, 1), out = widened(p.out, 1), window = widened(p.window, 1),
             stride = widened(p.stride, 1), dilation = widened(p.dilation, 1), before = widened(p.padBefore, 0),
             after = widened(p.padAfter, 0);
        auto shape = [](int64_t n, int64_t c, const std::vector<int64_t>& spatial) {
            std::vector<int64_t> d = {n, c};
            d.insert(d.end(), spatial.begin(), spatial.end());
            return d;
        };
        std::vector<int64_t> yDims = shape(p.n, p.oc, out);
        int type = dataNumber(p.type);
        void* x = TRY(tensor(kX, type, shape(p.n, p.ic, in), false));
        void* w = TRY(tensor(kW, type, shape(p.oc, p.ic / p.groups, window), false));
        int64_t id = kSum0;
        int left = (p.bias ? 1 : 0) + (p.residual ? 1 : 0) + (modeNumber(p.activation) >= 0 ? 1 : 0);
        auto result = [&]() -> Result<void*> {
            return left-- == 0 ? tensor(kY, type, yDims, false) : tensor(id++, kDataFloat, yDims, true);
        };
        void* c = TRY(make(kConvolution));
        TRY(set(c, kConvComputeType, kDataType, kDataFloat));
        TRY(set(c, kConvModeAttr, kConvMode, kCrossCorrelation));
        TRY(set(c, kConvSpatialDims, kInt64, static_cast<int64_t>(in.size())));
        TRY(list(c, kConvDilations, dilation));
        TRY(list(c, kConvStrides, stride));
        TRY(list(c, kConvPrePaddings, before));
        TRY(list(c, kConvPostPaddings, after));
        TRY(finalize(c));
        void* last = TRY(result());
        void* op = TRY(make(kConvForward));
        TRY(set(op, kForwardConv, kDescriptor, c));
        TRY(set(op, kForwardX, kDescriptor, x));
        TRY(set(op, kForwardW, kDescriptor, w));
        TRY(set(op, kForwardY, kDescriptor, last));
        TRY(set(op, kForwardAlpha, kFloat, 1.0f));
        TRY(set(op, kForwardBeta, kFloat, 0.0f));
        TRY(finalize(op));
        std::vector<void*> ops = {op};
        if (p.bias) {
            void* b = TRY(tensor(kBias, kDataFloat, shape(1, p.oc, std::vector<int64_t>(in.size(), 1)), false));
            void* y = TRY(result());
            ops.push_back(TRY(pointwise(kModeAdd, last, b, y)));
            last = y;
        }
        if (p.residual) {
            void* r = TRY(tensor(kResidual, type, yDims, false));
            void* y = TRY(result());
            ops.push_back(TRY(pointwise(kModeAdd, last, r, y)));
            last = y;
        }
        if (int mode = modeNumber(p.activation); mode >= 0)
            ops.push_back(TRY(pointwise(mode, last, nullptr, TRY(result()))));
        return ops;
    }

    // The engine of a configuration, judged by its notes.
    Result<bool> fits(void* config, const CudnnConv& p) {
        void* engine = TRY(make(kEngine));
        int64_t count = 0;
        TRY(dnn_.check(dnn_.api_.get(config, kConfigEngine, kDescriptor, 1, &count, &engine),
                       "cudnnBackendGetAttribute"));
        int notes[kMostNotes] = {};
        TRY(dnn_.check(dnn_.api_.get(engine, kEngineNotes, kNumericalNote, kMostNotes, &count, notes),
                       "cudnnBackendGetAttribute"));
        for (int64_t i = 0; i < std::min<int64_t>(count, kMostNotes); ++i) {
            if (notes[i] == kNoteTensorCore && p.type == DType::kFloat && !p.tf32) return false;
            for (int bad : {kNoteDownConverts, kNoteReducedSums, kNoteFft, kNoteVaries, kNoteWinograd})
                if (notes[i] == bad) return false;
        }
        return true;
    }

  private:
    const Cudnn& dnn_;
    std::vector<void*> made_;
};

Status Cudnn::describe(const CudnnConv& problem) const {
    Builder b(*this);
    return b.operations(problem).status();
}

Result<std::unique_ptr<Cudnn::Convolution>> Cudnn::make(const Gpu& gpu, const CudnnConv& p, int rank,
                                                        int64_t workspaceLimit) const {
    std::unique_ptr<Convolution> made(new Convolution);
    made->dnn_ = this;
    made->handle_ = TRY(handleOf(gpu));
    Gpu::Current current(gpu);
    Builder b(*this);
    std::vector<void*> ops = TRY(b.operations(p));
    void* graph = TRY(b.make(kGraph));
    TRY(b.set(graph, kGraphHandle, kHandleType, made->handle_));
    TRY(b.set(graph, kGraphOps, kDescriptor, static_cast<int64_t>(ops.size()), ops.data()));
    TRY(b.finalize(graph));
    void* heuristics = TRY(b.make(kHeuristics));
    TRY(b.set(heuristics, kHeurGraph, kDescriptor, graph));
    TRY(b.set(heuristics, kHeurModeAttr, kHeurMode, kHeurModeA));
    TRY(b.finalize(heuristics));
    // It fills descriptors that the caller has made.
    std::vector<void*> configs(kMostConfigs);
    for (void*& c : configs) c = TRY(b.make(kEngineConfig));
    int64_t count = 0;
    TRY(check(api_.get(heuristics, kHeurResults, kDescriptor, kMostConfigs, &count, configs.data()),
              "cudnnBackendGetAttribute"));
    int found = 0;
    std::string why = "its heuristics name none";
    for (int64_t i = 0; i < std::min<int64_t>(count, kMostConfigs); ++i) {
        if (!TRY(b.fits(configs[static_cast<size_t>(i)], p))) {
            why = "those that there are round more, or vary";
            continue;
        }
        void* plan = TRY(b.make(kExecutionPlan));
        TRY(b.set(plan, kPlanHandle, kHandleType, made->handle_));
        TRY(b.set(plan, kPlanConfig, kDescriptor, configs[static_cast<size_t>(i)]));
        if (Status s = b.finalize(plan); !s.ok()) {
            why = s.message();
            continue;
        }
        int64_t bytes = 0, one = 0;
        TRY(check(api_.get(plan, kPlanWorkspace, kInt64, 1, &one, &bytes), "cudnnBackendGetAttribute"));
        if (bytes > workspaceLimit) {
            why = fmt::format("{} bytes of workspace", bytes);
            continue;
        }
        if (found++ < rank) continue;
        made->plan_ = plan;
        made->workspaceBytes_ = bytes;
        made->ids_ = {kX, kW};
        if (p.bias) made->ids_.push_back(kBias);
        if (p.residual) made->ids_.push_back(kResidual);
        made->ids_.push_back(kY);
        made->descriptors_ = b.take();
        return made;
    }
    return unsupported("cuDNN {} has {} engines for this convolution ({})", version_, found, why);
}

Cudnn::Convolution::~Convolution() {
    if (!dnn_) return;
    if (arguments_) dnn_->api_.destroyDescriptor(arguments_);
    Builder::destroy(*dnn_, descriptors_);
}

Status Cudnn::Convolution::run(const void* x, const void* w, const void* bias, const void* residual, void* y,
                               void* workspace, void* stream) {
    std::vector<void*> pointers = {const_cast<void*>(x), const_cast<void*>(w)};
    if (bias) pointers.push_back(const_cast<void*>(bias));
    if (residual) pointers.push_back(const_cast<void*>(residual));
    pointers.push_back(y);
    if (pointers.size() != ids_.size()) return internalError("{} tensors for {}", pointers.size(), ids_.size());
    pointers.push_back(workspace);
    if (!arguments_ || pointers != lastPointers_) {
        Builder b(*dnn_);
        void* pack = TRY(b.make(kVariantPack));
        TRY(b.set(pack, kPackPointers, kPointer, static_cast<int64_t>(ids_.size()), pointers.data()));
        TRY(b.list(pack, kPackIds, ids_));
        TRY(b.set(pack, kPackWorkspace, kPointer, workspace));
        TRY(b.finalize(pack));
        b.take();
        if (arguments_) dnn_->api_.destroyDescriptor(arguments_);
        arguments_ = pack;
        lastPointers_ = std::move(pointers);
    }
    // The stream belongs to the handle, which all threads share.
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    TRY(dnn_->check(dnn_->api_.setStream(handle_, stream), "cudnnSetStream"));
    return dnn_->check(dnn_->api_.execute(handle_, plan_, arguments_), "cudnnBackendExecute");
}

}  // namespace lathe::cuda
