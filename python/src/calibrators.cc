// SPDX-License-Identifier: Apache-2.0
// int8 calibrators and algorithm selectors: how a program takes part in a build.
#include <nanobind/trampoline.h>

#include <algorithm>

#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// What the five kinds of calibrators share. Addresses of batches are integers, caches bytes.
template <class Base>
class PyCalibrator : public Base {
  public:
    NB_TRAMPOLINE(Base);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int32_t getBatchSize() const noexcept override {
        return callPython([&] { return nb::cast<int32_t>(nb_trampoline.base().attr("get_batch_size")()); }, 0);
    }
    bool getBatch(void* bindings[], char const* names[], int32_t count) noexcept override {
        return callPython(
            [&] {
                nb::list list;
                for (int32_t i = 0; i < count; ++i) list.append(names[i]);
                nb::object r = nb_trampoline.base().attr("get_batch")(list);
                if (r.is_none() || nb::len(r) == 0) return false;
                if (nb::len(r) != static_cast<size_t>(count))
                    throw nb::value_error("get_batch must answer an address for each name, or None");
                for (int32_t i = 0; i < count; ++i)
                    bindings[i] = reinterpret_cast<void*>(nb::cast<uintptr_t>(nb::int_(nb::object(r[i]))));
                return true;
            },
            false);
    }
    void const* readCalibrationCache(std::size_t& length) noexcept override {
        return readCache("read_calibration_cache", length, calibration_);
    }
    void writeCalibrationCache(void const* data, std::size_t length) noexcept override {
        callPython([&] { nb_trampoline.base().attr("write_calibration_cache")(nb::bytes(data, length)); });
    }

  protected:
    void const* readCache(const char* method, std::size_t& length, std::string& keep,
                          nb::object argument = {}) noexcept {
        length = 0;
        return callPython(
            [&]() -> const void* {
                nb::object f = nb_trampoline.base().attr(method);
                nb::object r = argument.is_valid() ? f(argument) : f();
                if (r.is_none()) return nullptr;
                Buffer bytes(r);
                keep.assign(static_cast<const char*>(bytes.data()), bytes.size());
                length = keep.size();
                return keep.data();
            },
            static_cast<const void*>(nullptr));
    }

  private:
    std::string calibration_;
};

// The general one names its algorithm itself.
class PyIInt8Calibrator : public PyCalibrator<IInt8Calibrator> {
  public:
    using PyCalibrator::PyCalibrator;
    InterfaceInfo getInterfaceInfo() const noexcept override { return {"PYTHON CALIBRATOR", 1, 0}; }
    CalibrationAlgoType getAlgorithm() noexcept override {
        return callPython([&] { return nb::cast<CalibrationAlgoType>(nb_trampoline.base().attr("get_algorithm")()); },
                          CalibrationAlgoType::kENTROPY_CALIBRATION_2);
    }
};

class PyLegacyCalibrator : public PyCalibrator<IInt8LegacyCalibrator> {
  public:
    using PyCalibrator::PyCalibrator;
    double getQuantile() const noexcept override {
        return callPython([&] { return nb::cast<double>(nb_trampoline.base().attr("get_quantile")()); }, 1.0);
    }
    double getRegressionCutoff() const noexcept override {
        return callPython([&] { return nb::cast<double>(nb_trampoline.base().attr("get_regression_cutoff")()); }, 1.0);
    }
    void const* readHistogramCache(std::size_t& length) noexcept override {
        nb::gil_scoped_acquire gil;
        return readCache("read_histogram_cache", length, histogram_, nb::int_(length));
    }
    void writeHistogramCache(void const* data, std::size_t length) noexcept override {
        callPython([&] { nb_trampoline.base().attr("write_histogram_cache")(nb::bytes(data, length)); });
    }

  private:
    std::string histogram_;
};

template <class Interface, class Trampoline>
void bindCalibrator(nb::module_& m, const char* name) {
    nb::class_<Interface, IInt8Calibrator, Trampoline>(
        m, name,
        "Override get_batch_size, get_batch(self, names), read_calibration_cache and write_calibration_cache(self, "
        "cache).")
        .def(nb::init<>())
        .def("get_algorithm", [](Interface& c) { return c.Interface::getAlgorithm(); });
}

class PyIAlgorithmSelector : public IAlgorithmSelector {
  public:
    NB_TRAMPOLINE(IAlgorithmSelector);
    APILanguage getAPILanguage() const noexcept override { return APILanguage::kPYTHON; }
    int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count,
                             int32_t* selection) noexcept override {
        return callPython(
            [&] {
                nb::object r =
                    nb_trampoline.base().attr("select_algorithms")(reference(&context), list(choices, count));
                auto picked = nb::cast<std::vector<int32_t>>(r);
                if (picked.size() > static_cast<size_t>(count)) throw nb::value_error("more selections than choices");
                std::copy(picked.begin(), picked.end(), selection);
                return static_cast<int32_t>(picked.size());
            },
            0);
    }
    void reportAlgorithms(IAlgorithmContext const* const* contexts, IAlgorithm const* const* choices,
                          int32_t count) noexcept override {
        callPython(
            [&] { nb_trampoline.base().attr("report_algorithms")(list(contexts, count), list(choices, count)); });
    }

  private:
    template <class T>
    static nb::object reference(T const* p) {
        return nb::cast(const_cast<T*>(p), nb::rv_policy::reference);
    }
    template <class T>
    static nb::list list(T const* const* items, int32_t count) {
        nb::list out;
        for (int32_t i = 0; i < count; ++i) out.append(reference(items[i]));
        return out;
    }
};

}  // namespace

void bindCalibrators(nb::module_& m) {
    using A = CalibrationAlgoType;
    bindEnum<A>(m, "CalibrationAlgoType",
                {{"LEGACY_CALIBRATION", A::kLEGACY_CALIBRATION},
                 {"ENTROPY_CALIBRATION", A::kENTROPY_CALIBRATION},
                 {"ENTROPY_CALIBRATION_2", A::kENTROPY_CALIBRATION_2},
                 {"MINMAX_CALIBRATION", A::kMINMAX_CALIBRATION}});
    nb::class_<IInt8Calibrator, IVersionedInterface, PyIInt8Calibrator>(
        m, "IInt8Calibrator", "Override get_algorithm beside what the other calibrators override.")
        .def(nb::init<>());
    bindCalibrator<IInt8EntropyCalibrator, PyCalibrator<IInt8EntropyCalibrator>>(m, "IInt8EntropyCalibrator");
    bindCalibrator<IInt8EntropyCalibrator2, PyCalibrator<IInt8EntropyCalibrator2>>(m, "IInt8EntropyCalibrator2");
    bindCalibrator<IInt8MinMaxCalibrator, PyCalibrator<IInt8MinMaxCalibrator>>(m, "IInt8MinMaxCalibrator");
    bindCalibrator<IInt8LegacyCalibrator, PyLegacyCalibrator>(m, "IInt8LegacyCalibrator");

    nb::class_<IAlgorithmIOInfo>(m, "IAlgorithmIOInfo")
        .def_prop_ro("dtype", &IAlgorithmIOInfo::getDataType)
        .def_prop_ro("strides", [](const IAlgorithmIOInfo& i) { return toTuple(i.getStrides()); })
        .def_prop_ro("vectorized_dim", &IAlgorithmIOInfo::getVectorizedDim)
        .def_prop_ro("components_per_element", &IAlgorithmIOInfo::getComponentsPerElement);
    nb::class_<IAlgorithmVariant>(m, "IAlgorithmVariant")
        .def_prop_ro("implementation", &IAlgorithmVariant::getImplementation)
        .def_prop_ro("tactic", &IAlgorithmVariant::getTactic);
    nb::class_<IAlgorithmContext>(m, "IAlgorithmContext")
        .def_prop_ro("name", &IAlgorithmContext::getName)
        .def_prop_ro("num_inputs", &IAlgorithmContext::getNbInputs)
        .def_prop_ro("num_outputs", &IAlgorithmContext::getNbOutputs)
        .def(
            "get_shape",
            [](const IAlgorithmContext& c, int32_t index) {
                nb::list out;
                for (auto s : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
                    out.append(toTuple(c.getDimensions(index, s)));
                return out;
            },
            "index"_a);
    nb::class_<IAlgorithm>(m, "IAlgorithm")
        .def_prop_ro(
            "algorithm_variant",
            [](const IAlgorithm& a) { return const_cast<IAlgorithmVariant*>(&a.getAlgorithmVariant()); },
            nb::rv_policy::reference_internal)
        .def_prop_ro("timing_msec", &IAlgorithm::getTimingMSec)
        .def_prop_ro("workspace_size", &IAlgorithm::getWorkspaceSize)
        .def(
            "get_algorithm_io_info",
            [](const IAlgorithm& a, int32_t i) {
                return const_cast<IAlgorithmIOInfo*>(a.getAlgorithmIOInfoByIndex(i));
            },
            "index"_a, nb::rv_policy::reference_internal);
    nb::class_<IAlgorithmSelector, IVersionedInterface, PyIAlgorithmSelector>(
        m, "IAlgorithmSelector",
        "Override select_algorithms(self, context, choices) to answer indices, and report_algorithms(self, contexts, "
        "choices).")
        .def(nb::init<>());
}

}  // namespace lathe::python
