// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/pair.h>

#include "common.h"

namespace lathe::python {

using namespace nvinfer1;

namespace {

// Names of all weights, or of those that a refit lacks.
template <class F>
std::vector<std::string> namesOf(F&& query) {
    int32_t count = query(0, nullptr);
    std::vector<const char*> names(static_cast<size_t>(count < 0 ? 0 : count));
    query(count, names.data());
    std::vector<std::string> out;
    for (const char* n : names)
        if (n) out.emplace_back(n);
    return out;
}

template <class F>
nb::tuple rolesOf(F&& query) {
    int32_t count = query(0, nullptr, nullptr);
    std::vector<const char*> names(static_cast<size_t>(count < 0 ? 0 : count));
    std::vector<WeightsRole> roles(names.size());
    query(count, names.data(), roles.data());
    nb::list layers, kinds;
    for (size_t i = 0; i < names.size(); ++i) {
        layers.append(textOrNone(names[i]));
        kinds.append(roles[i]);
    }
    return nb::make_tuple(layers, kinds);
}

}  // namespace

void bindRefitter(nb::module_& m) {
    using R = IRefitter;
    nb::class_<R>(m, "Refitter", "Replaces the weights of an engine that was built with BuilderFlag.REFIT.")
        .def(nb::new_([](ICudaEngine& e, ILogger& logger) {
                 return required(createInferRefitter(e, logger), "creating the refitter");
             }),
             "engine"_a, "logger"_a, nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
        .def(
            "set_weights",
            [](nb::object self, const char* layer, WeightsRole role, nb::handle weights) {
                nb::object keeper;
                Weights w = toWeights(weights, keeper);
                if (keeper.is_valid() && !keeper.is_none()) nb::keep_alive_obj(self, keeper);
                return nb::cast<R&>(self).setWeights(layer, role, w);
            },
            "layer_name"_a, "role"_a, "weights"_a)
        .def(
            "set_named_weights",
            [](nb::object self, const char* name, nb::handle weights, TensorLocation location) {
                nb::object keeper;
                Weights w = toWeights(weights, keeper);
                if (keeper.is_valid() && !keeper.is_none()) nb::keep_alive_obj(self, keeper);
                R& r = nb::cast<R&>(self);
                return location == TensorLocation::kHOST ? r.setNamedWeights(name, w)
                                                         : r.setNamedWeights(name, w, location);
            },
            "name"_a, "weights"_a, "location"_a = TensorLocation::kHOST)
        .def(
            "get_named_weights",
            [](nb::object self, const char* name) {
                return fromWeights(nb::cast<R&>(self).getNamedWeights(name), self);
            },
            "weights_name"_a)
        .def("get_weights_location", &R::getWeightsLocation, "weights_name"_a)
        .def("unset_named_weights", &R::unsetNamedWeights, "weights_name"_a)
        .def(
            "get_weights_prototype",
            [](const R& r, const char* name) {
                return PyWeights{nb::none(), r.getWeightsPrototype(name)};
            },
            "weights_name"_a)
        .def_prop_rw("weights_validation", &R::getWeightsValidation, &R::setWeightsValidation)
        .def("refit_cuda_engine",
             [](R& r) {
                 nb::gil_scoped_release released;
                 return r.refitCudaEngine();
             })
        .def(
            "refit_cuda_engine_async",
            [](R& r, uintptr_t stream) {
                nb::gil_scoped_release released;
                return r.refitCudaEngineAsync(reinterpret_cast<cudaStream_t>(stream));
            },
            "stream_handle"_a)
        .def("get_missing",
             [](R& r) {
                 return rolesOf(
                     [&](int32_t n, char const** names, WeightsRole* roles) { return r.getMissing(n, names, roles); });
             })
        .def("get_all",
             [](R& r) {
                 return rolesOf(
                     [&](int32_t n, char const** names, WeightsRole* roles) { return r.getAll(n, names, roles); });
             })
        .def("get_missing_weights",
             [](R& r) { return namesOf([&](int32_t n, char const** names) { return r.getMissingWeights(n, names); }); })
        .def("get_all_weights",
             [](R& r) { return namesOf([&](int32_t n, char const** names) { return r.getAllWeights(n, names); }); })
        .def(
            "set_dynamic_range",
            [](R& r, const char* tensor, std::pair<float, float> range) {
                return r.setDynamicRange(tensor, range.first, range.second);
            },
            "tensor_name"_a, "range"_a)
        .def(
            "get_dynamic_range",
            [](const R& r, const char* tensor) {
                return nb::make_tuple(r.getDynamicRangeMin(tensor), r.getDynamicRangeMax(tensor));
            },
            "tensor_name"_a)
        .def("get_tensors_with_dynamic_range",
             [](const R& r) {
                 return namesOf([&](int32_t n, char const** names) { return r.getTensorsWithDynamicRange(n, names); });
             })
        .def_prop_ro("logger", &R::getLogger, nb::rv_policy::reference)
        .def_prop_rw("max_threads", &R::getMaxThreads,
                     [](R& r, int32_t n) {
                         if (!r.setMaxThreads(n)) throw nb::value_error("the number of threads is not at least 1");
                     })
        .def_prop_rw("error_recorder", &R::getErrorRecorder, &R::setErrorRecorder,
                     nb::for_setter(nb::arg("recorder").none()), nb::for_setter(nb::keep_alive<1, 2>()),
                     nb::rv_policy::reference);
}

}  // namespace lathe::python
