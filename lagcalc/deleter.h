// lagcalc/deleter.h - how a C library's handle ends with its std::unique_ptr.
//
//   using Client = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
//
// Errors:  none.
// Threads: as `Destroy`, which is called once, with a handle that is not null.
#pragma once

namespace longspan {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* handle) const noexcept {
    Destroy(handle);
  }
};

}  // namespace longspan
