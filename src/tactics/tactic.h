#pragma once
namespace lathe::tactics {
class Tactic;
}
