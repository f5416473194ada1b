// SPDX-License-Identifier: Apache-2.0
// Inputs and outputs that have another type outside than inside.
#include <cmath>

#include "compat/common/network.h"

namespace lathe::compat {

// Tensors of the network's interface become others for the time of a build: an input changes its type and is converted
// for those that read it; an output is converted, and the result is marked in its place, under its name.
bool Network::convertInterface() {
    auto scaleOf = [&](Tensor& t) -> v10::ITensor* {
        float range = std::max(std::fabs(t.getDynamicRangeMin()), std::fabs(t.getDynamicRangeMax()));
        if (!t.dynamicRangeIsSet() || !(range > 0)) {
            report().error("IBuilder", std::string("'") + t.getName() +
                                           "' is of type kINT8, but has no dynamic range (ITensor::setDynamicRange)");
            return nullptr;
        }
        return floats({0, {}}, {range / 127})->getOutput(0);
    };
    for (int32_t i = 0; i < real_->getNbInputs(); ++i) {
        v10::ITensor* real = real_->getInput(i);
        Tensor& t = *of(real);
        if (!t.narrowed()) continue;
        std::vector<std::pair<v10::ILayer*, int32_t>> readers;
        for (int32_t l = 0; l < real_->getNbLayers(); ++l)
            for (int32_t k = 0; k < real_->getLayer(l)->getNbInputs(); ++k)
                if (real_->getLayer(l)->getInput(k) == real) readers.push_back({real_->getLayer(l), k});
        restores_.push_back([=] {
            for (auto [layer, k] : readers) layer->setInput(k, *real);
            real->setType(v10::DataType::kFLOAT);
        });
        v10::ITensor* inside = nullptr;
        if (t.getType() == old::DataType::kINT8) {
            v10::ITensor* scale = scaleOf(t);
            if (!scale) return false;
            inside = helper(real_->addDequantize(*real, *scale))->getOutput(0);
        } else {
            inside = helper(real_->addCast(*real, v10::DataType::kFLOAT))->getOutput(0);
        }
        real->setType(toNew(t.getType()));
        for (auto [layer, k] : readers) layer->setInput(k, *inside);
    }

    std::vector<v10::ITensor*> outputs;
    bool any = false;
    for (int32_t i = 0; i < real_->getNbOutputs(); ++i) {
        outputs.push_back(real_->getOutput(i));
        any |= of(outputs.back())->narrowed();
    }
    if (!any) return true;
    std::vector<v10::ITensor*> outside = outputs;
    for (v10::ITensor*& t : outside) {
        Tensor& shown = *of(t);
        if (!shown.narrowed()) continue;
        std::string name = t->getName();
        v10::ITensor *inside = t, *converted = nullptr;
        if (shown.getType() == old::DataType::kINT8) {
            v10::ITensor* scale = scaleOf(shown);
            if (!scale) return false;
            converted = helper(real_->addQuantize(*inside, *scale))->getOutput(0);
        } else {
            converted = helper(real_->addCast(*inside, v10::DataType::kHALF))->getOutput(0);
        }
        inside->setName((name + " (float)").c_str());
        converted->setName(name.c_str());
        converted->setAllowedFormats(inside->getAllowedFormats());
        restores_.push_back([=] {
            converted->setName((name + " (converted)").c_str());
            inside->setName(name.c_str());
        });
        t = converted;
    }
    restores_.push_back([this, outputs, outside] {
        for (v10::ITensor* t : outside) real_->unmarkOutput(*t);
        for (v10::ITensor* t : outputs) real_->markOutput(*t);
    });
    for (v10::ITensor* t : outputs) real_->unmarkOutput(*t);
    for (v10::ITensor* t : outside) real_->markOutput(*t);
    return true;
}

void Network::restoreInterface() {
    for (auto it = restores_.rbegin(); it != restores_.rend(); ++it) (*it)();
    restores_.clear();
}

}  // namespace lathe::compat
