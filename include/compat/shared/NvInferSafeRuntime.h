// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "NvInferRuntime.h"

// The safety runtime of version 8, declared for programs that look for its library and do without it. There is none
// here.
namespace nvinfer1 {
inline namespace LATHE_TRT_NAMESPACE {
namespace safe {

class ICudaEngine;
class IExecutionContext;

class IRuntime {
  public:
    virtual ICudaEngine* deserializeCudaEngine(void const* const blob, std::size_t const size) noexcept = 0;
    virtual void setGpuAllocator(IGpuAllocator* const allocator) noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* const recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
    virtual ~IRuntime() noexcept = default;
};

class ICudaEngine {
  public:
    virtual int32_t getNbBindings() const noexcept = 0;
    virtual int32_t getBindingIndex(AsciiChar const* const name) const noexcept = 0;
    virtual AsciiChar const* getBindingName(int32_t const bindingIndex) const noexcept = 0;
    virtual bool bindingIsInput(int32_t const bindingIndex) const noexcept = 0;
    virtual Dims getBindingDimensions(int32_t const bindingIndex) const noexcept = 0;
    virtual DataType getBindingDataType(int32_t const bindingIndex) const noexcept = 0;
    virtual IExecutionContext* createExecutionContext() noexcept = 0;
    virtual IExecutionContext* createExecutionContextWithoutDeviceMemory() noexcept = 0;
    virtual size_t getDeviceMemorySize() const noexcept = 0;
    virtual int32_t getBindingBytesPerComponent(int32_t const bindingIndex) const noexcept = 0;
    virtual int32_t getBindingComponentsPerElement(int32_t const bindingIndex) const noexcept = 0;
    virtual TensorFormat getBindingFormat(int32_t const bindingIndex) const noexcept = 0;
    virtual int32_t getBindingVectorizedDim(int32_t const bindingIndex) const noexcept = 0;
    virtual AsciiChar const* getName() const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* const recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
    virtual Dims getTensorShape(AsciiChar const* tensorName) const noexcept = 0;
    virtual DataType getTensorDataType(AsciiChar const* tensorName) const noexcept = 0;
    virtual TensorIOMode getTensorIOMode(AsciiChar const* tensorName) const noexcept = 0;
    virtual int32_t getTensorBytesPerComponent(AsciiChar const* tensorName) const noexcept = 0;
    virtual int32_t getTensorComponentsPerElement(AsciiChar const* tensorName) const noexcept = 0;
    virtual TensorFormat getTensorFormat(AsciiChar const* tensorName) const noexcept = 0;
    virtual int32_t getTensorVectorizedDim(AsciiChar const* tensorName) const noexcept = 0;
    virtual int32_t getNbIOTensors() const noexcept = 0;
    virtual AsciiChar const* getIOTensorName(int32_t const index) const noexcept = 0;
    virtual ~ICudaEngine() noexcept = default;
};

struct FloatingPointErrorInformation {
    int32_t nbNanErrors;
    int32_t nbInfErrors;
};

class IExecutionContext {
  public:
    virtual ICudaEngine const& getEngine() const noexcept = 0;
    virtual void setName(AsciiChar const* const name) noexcept = 0;
    virtual AsciiChar const* getName() const noexcept = 0;
    virtual void setDeviceMemory(void* const memory) noexcept = 0;
    virtual Dims getStrides(int32_t const bindingIndex) const noexcept = 0;
    virtual void setErrorRecorder(IErrorRecorder* const recorder) noexcept = 0;
    virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;
    virtual bool enqueueV2(void* const* const bindings, cudaStream_t const stream,
                           cudaEvent_t const* const inputConsumed) noexcept = 0;
    virtual void setErrorBuffer(FloatingPointErrorInformation* const buffer) noexcept = 0;
    virtual FloatingPointErrorInformation* getErrorBuffer() const noexcept = 0;
    virtual Dims getTensorStrides(AsciiChar const* tensorName) const noexcept = 0;
    virtual bool setInputTensorAddress(AsciiChar const* tensorName, void const* data) noexcept = 0;
    virtual bool setOutputTensorAddress(AsciiChar const* tensorName, void* data) noexcept = 0;
    virtual bool setInputConsumedEvent(cudaEvent_t event) noexcept = 0;
    virtual cudaEvent_t getInputConsumedEvent() const noexcept = 0;
    virtual void const* getInputTensorAddress(AsciiChar const* tensorName) const noexcept = 0;
    virtual void* getOutputTensorAddress(AsciiChar const* tensorName) const noexcept = 0;
    virtual bool enqueueV3(cudaStream_t stream) noexcept = 0;
    virtual ~IExecutionContext() noexcept = default;
};

}  // namespace safe
}  // namespace LATHE_TRT_NAMESPACE
}  // namespace nvinfer1
