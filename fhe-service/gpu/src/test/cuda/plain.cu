// What a search over plaintexts costs on the same device: inner products of rows with a query, for measure.sh. A warp takes one row.

typedef unsigned long long u64;

extern "C" __global__ void __launch_bounds__(256)
plain_scan_float(float* scores, const float4* rows, const float4* query, u64 count, u64 dimension) {
    const u64 row = (blockIdx.x * (u64)blockDim.x + threadIdx.x) / 32;
    const unsigned lane = threadIdx.x & 31;
    if (row >= count) {
        return;
    }
    float sum = 0;
    for (u64 i = lane; i < dimension / 4; i += 32) {
        const float4 a = rows[row * (dimension / 4) + i];
        const float4 b = query[i];
        sum += a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
    }
    for (int step = 16; step > 0; step /= 2) {
        sum += __shfl_down_sync(~0u, sum, step);
    }
    if (lane == 0) {
        scores[row] = sum;
    }
}

extern "C" __global__ void __launch_bounds__(256)
plain_scan_byte(int* scores, const int* rows, const int* query, u64 count, u64 dimension) {
    const u64 row = (blockIdx.x * (u64)blockDim.x + threadIdx.x) / 32;
    const unsigned lane = threadIdx.x & 31;
    if (row >= count) {
        return;
    }
    int sum = 0;
    for (u64 i = lane; i < dimension / 4; i += 32) {
        sum = __dp4a(rows[row * (dimension / 4) + i], query[i], sum);
    }
    for (int step = 16; step > 0; step /= 2) {
        sum += __shfl_down_sync(~0u, sum, step);
    }
    if (lane == 0) {
        scores[row] = sum;
    }
}
