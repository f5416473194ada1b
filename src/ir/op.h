#pragma once
namespace lathe::ir { class Op; }
