// What the sources take from their compiler: nvcc, or a C++ compiler with a host's stand-in for a device (host.h).
#pragma once

#ifndef __CUDACC__
#include "host.h"
#else
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
#define DEVICE __device__ __forceinline__
#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
#define SHARED_WORDS(name) extern __shared__ __align__(16) unsigned char name[]
#define BARRIER() __syncthreads()
#define UNROLL _Pragma("unroll")
#endif
