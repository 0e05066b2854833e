// A callable that is moved, never copied: what completion callbacks are passed as.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace selvage {

template <class Signature>
class UniqueFunction;

/// Owns one callable. Calling an empty one is a bug. Callables of up to three pointers live inline.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;
  UniqueFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)

  template <class F>
    requires(!std::is_same_v<std::decay_t<F>, UniqueFunction> &&
             std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  UniqueFunction(F&& callable) {  // NOLINT(google-explicit-constructor)
    using Callable = std::decay_t<F>;
    if constexpr (sizeof(Callable) <= sizeof(storage_) && alignof(Callable) <= alignof(Storage) &&
                  std::is_nothrow_move_constructible_v<Callable>) {
      ::new (&storage_) Callable(std::forward<F>(callable));
      operations_ = &kInline<Callable>;
    } else {
      ::new (&storage_) Callable*(new Callable(std::forward<F>(callable)));
      operations_ = &kHeap<Callable>;
    }
  }

  UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
  UniqueFunction& operator=(UniqueFunction&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  ~UniqueFunction() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }
  R operator()(Args... args) { return operations_->call(&storage_, std::forward<Args>(args)...); }

 private:
  struct Storage {
    alignas(void*) unsigned char bytes[3 * sizeof(void*)];
  };
  struct Operations {
    R (*call)(void*, Args&&...);
    void (*move)(void* to, void* from);
    void (*destroy)(void*);
  };

  template <class C>
  static constexpr Operations kInline = {
      [](void* p, Args&&... args) -> R {
        return static_cast<R>((*static_cast<C*>(p))(std::forward<Args>(args)...));
      },
      [](void* to, void* from) {
        ::new (to) C(std::move(*static_cast<C*>(from)));
        static_cast<C*>(from)->~C();
      },
      [](void* p) { static_cast<C*>(p)->~C(); },
  };
  template <class C>
  static constexpr Operations kHeap = {
      [](void* p, Args&&... args) -> R {
        return static_cast<R>((**static_cast<C**>(p))(std::forward<Args>(args)...));
      },
      [](void* to, void* from) { ::new (to) C*(*static_cast<C**>(from)); },
      [](void* p) { delete *static_cast<C**>(p); },
  };

  void take(UniqueFunction& other) {
    if (other.operations_ == nullptr) return;
    other.operations_->move(&storage_, &other.storage_);
    operations_ = std::exchange(other.operations_, nullptr);
  }
  void reset() {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(&storage_);
  }

  Storage storage_;
  const Operations* operations_ = nullptr;
};

}  // namespace selvage
