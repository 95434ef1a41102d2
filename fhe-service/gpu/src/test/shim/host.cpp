// Runs the kernels on one processor. Blocks run one after another; the threads of a block are fibres that take turns, forwards
// and backwards by turns, so that what a missing barrier leaves to chance goes wrong here. A barrier that some threads of a block
// reach and others do not is an error.

#include "../../main/cuda/kernels.cu"

#include <csetjmp>
#include <cstdlib>
#include <memory>
#include <type_traits>
#include <ucontext.h>
#include <utility>

Dimensions threadIdx;
Dimensions blockIdx;
Dimensions blockDim;
Dimensions gridDim;

namespace {

const u32 THREADS_MAX = 1024;
const size_t STACK_BYTES = 64 * 1024;
const size_t SHARED_BYTES_MAX = 48 * 1024;

enum State { AT_BARRIER, FINISHED };

struct Fibre {
    jmp_buf jump;
    ucontext_t context;
    std::unique_ptr<char[]> stack;
    State state;
};

struct Call {
    void (*run)(void* function, const u64* arguments);
    void* function;
    const u64* arguments;
};

Fibre fibres[THREADS_MAX];
u32 current;
jmp_buf scheduler;
ucontext_t home;
Call call;
alignas(16) unsigned char sharedMemory[SHARED_BYTES_MAX];

void yieldAs(State state) {
    Fibre& fibre = fibres[current];
    fibre.state = state;
    if (_setjmp(fibre.jump) == 0) {
        _longjmp(scheduler, 1);
    }
}

void fibreMain() {
    for (;;) {
        call.run(call.function, call.arguments);
        yieldAs(FINISHED);
    }
}

void resume(u32 thread) {
    current = thread;
    threadIdx = {thread, 0, 0};
    Fibre& fibre = fibres[thread];
    if (_setjmp(scheduler) != 0) {
        return;
    }
    if (fibre.stack) {
        _longjmp(fibre.jump, 1);
    }
    fibre.stack.reset(new char[STACK_BYTES]);
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = fibre.stack.get();
    fibre.context.uc_stack.ss_size = STACK_BYTES;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, fibreMain, 0);
    swapcontext(&home, &fibre.context);
}

// Runs the threads of one block from barrier to barrier. False: they do not all reach the same ones.
bool runBlock(u32 threads) {
    bool forwards = true;
    for (;;) {
        u32 finished = 0;
        for (u32 turn = 0; turn < threads; turn++) {
            u32 thread = forwards ? turn : threads - 1 - turn;
            resume(thread);
            finished += fibres[thread].state == FINISHED;
        }
        if (finished == threads) {
            return true;
        }
        if (finished != 0) {
            return false;
        }
        forwards = !forwards;
    }
}

template <class T>
T argument(u64 word) {
    if constexpr (std::is_pointer_v<T>) {
        return reinterpret_cast<T>(word);
    } else {
        return static_cast<T>(word);
    }
}

template <class... Parameters, size_t... Index>
void spread(void (*function)(Parameters...), const u64* arguments, std::index_sequence<Index...>) {
    function(argument<Parameters>(arguments[Index])...);
}

template <class... Parameters>
void unpack(void* function, const u64* arguments) {
    spread(
            reinterpret_cast<void (*)(Parameters...)>(function), arguments,
            std::index_sequence_for<Parameters...>());
}

struct Entry {
    const char* name;
    void* function;
    void (*run)(void*, const u64*);
    u32 parameters;
};

template <class... Parameters>
Entry entry(const char* name, void (*function)(Parameters...)) {
    return {name, reinterpret_cast<void*>(function), unpack<Parameters...>, sizeof...(Parameters)};
}

#define ENTRY(name) entry(#name, name)
#define ENTRIES_OF(form)                                                             \
    ENTRY(rns_forward_inner_##form), ENTRY(rns_forward_outer_##form),                \
            ENTRY(rns_inverse_inner_##form), ENTRY(rns_inverse_outer_##form)

const Entry ENTRIES[] = {
        ENTRY(rns_copy),          ENTRY(rns_add),           ENTRY(rns_subtract),
        ENTRY(rns_negate),        ENTRY(rns_multiply),      ENTRY(rns_multiply_add),
        ENTRY(rns_multiply_scalar), ENTRIES_OF(wide),       ENTRIES_OF(real),
        ENTRIES_OF(narrow),       ENTRY(rns_tensor),        ENTRY(rns_permute),
        ENTRY(rns_keep),          ENTRY(rns_convert),       ENTRY(rns_switch_keys),
        ENTRY(rns_scan_one_real), ENTRY(rns_scan_four_real), ENTRY(rns_scan_one_wide),
        ENTRY(rns_scan_four_wide)};

const int COUNT = sizeof(ENTRIES) / sizeof(Entry);

}  // namespace

void hostBarrier() {
    yieldAs(AT_BARRIER);
}

unsigned char* hostSharedMemory() {
    return sharedMemory;
}

// The number of a kernel, or −1 where there is none of this name and number of parameters.
extern "C" int host_find(const char* name, u32 parameters) {
    for (int i = 0; i < COUNT; i++) {
        if (std::strcmp(ENTRIES[i].name, name) == 0 && ENTRIES[i].parameters == parameters) {
            return i;
        }
    }
    return -1;
}

// Runs a kernel. 0: done; 1: a launch that a device would refuse; 2: a barrier that not all threads of a block reach.
extern "C" int host_launch(
        int kernel, u32 gridX, u32 gridY, u32 gridZ, u32 threads, u32 sharedBytes, const u64* arguments) {
    if (kernel < 0 || kernel >= COUNT || threads == 0 || threads > THREADS_MAX || gridX == 0 || gridY == 0
        || gridZ == 0 || gridY > 65535 || gridZ > 65535 || sharedBytes > SHARED_BYTES_MAX) {
        return 1;
    }
    call = {ENTRIES[kernel].run, ENTRIES[kernel].function, arguments};
    blockDim = {threads, 1, 1};
    gridDim = {gridX, gridY, gridZ};
    for (u32 z = 0; z < gridZ; z++) {
        for (u32 y = 0; y < gridY; y++) {
            for (u32 x = 0; x < gridX; x++) {
                blockIdx = {x, y, z};
                std::memset(sharedMemory, 0xa5, sharedBytes);
                if (!runBlock(threads)) {
                    for (Fibre& fibre : fibres) {
                        fibre.stack.reset();
                    }
                    return 2;
                }
            }
        }
    }
    return 0;
}
