// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frontends/common/emitter.h"
#include "frontends/onnx/importer/data_types.h"
#include "frontends/onnx/importer/session.h"

namespace lathe::onnx {

using frontends::ApiType;
using frontends::Fields;
using frontends::ITensor;
using frontends::TensorList;
using frontends::typeName;

class Emitter : public frontends::Emitter {
  public:
    Emitter(Session& session, std::string name) : frontends::Emitter(session, std::move(name)), session_(session) {}

    Session& session() { return session_; }

  private:
    Session& session_;
};

}  // namespace lathe::onnx
