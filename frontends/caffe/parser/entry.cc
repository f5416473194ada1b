// SPDX-License-Identifier: Apache-2.0
// The library's exported functions.
#include <new>

#include "Lathe.h"
#include "frontends/caffe/parser/parser.h"

namespace nvcaffeparser1 {

ICaffeParser* createCaffeParser() noexcept { return static_cast<ICaffeParser*>(createNvCaffeParser_INTERNAL()); }

// There is no such library here.
void shutdownProtobufLibrary() noexcept {}

}  // namespace nvcaffeparser1

extern "C" void* createNvCaffeParser_INTERNAL() noexcept {
    try {
        return static_cast<nvcaffeparser1::ICaffeParser*>(new lathe::caffe::CaffeParser);
    } catch (...) {
        return nullptr;
    }
}

extern "C" void latheCaffeFreeBatch(void* parser, bool free) noexcept {
    static_cast<lathe::caffe::CaffeParser*>(static_cast<nvcaffeparser1::ICaffeParser*>(parser))->setFreeBatch(free);
}
