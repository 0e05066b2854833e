#include "js/snapshot.h"

#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "js/task_runner.h"

namespace selvage::js {
namespace {

constexpr std::string_view kMagic = "SLVGSNAP";
constexpr uint32_t kFormat = 2;

std::string fingerprint(std::span<const Native> natives) {
  std::string text = std::string("V8 ") + v8::V8::GetVersion();
  for (const Native& native : natives) text.append(" ").append(native.name);
  return text;
}

uint64_t checksum_of(std::string_view bytes) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

template <class Integer>
void append(std::string& out, Integer value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class Integer>
bool consume(std::string_view& in, Integer& value) {
  if (in.size() < sizeof value) return false;
  memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return true;
}

std::string describe(v8::Isolate* isolate, const v8::TryCatch& caught) {
  std::string text = caught.Message().IsEmpty() ? "?" : to_utf8(isolate, caught.Message()->Get());
  v8::Local<v8::Value> stack;
  if (caught.StackTrace(isolate->GetCurrentContext()).ToLocal(&stack) && stack->IsString()) {
    text += "\n" + to_utf8(isolate, stack);
  }
  return text;
}

}  // namespace

std::vector<intptr_t> Snapshot::references_of(std::span<const Native> natives,
                                              const Source& source) {
  std::vector<intptr_t> references{reinterpret_cast<intptr_t>(&source)};
  for (const Native& native : natives) {
    references.push_back(reinterpret_cast<intptr_t>(native.callback));
  }
  references.push_back(0);
  return references;
}

Result<v8::Local<v8::Object>> Snapshot::run_builtins(v8::Isolate* isolate,
                                                     v8::Local<v8::Context> context,
                                                     std::span<const Native> natives,
                                                     Source& source) {
  v8::Local<v8::Object> table = v8::Object::New(isolate);
  for (const Native& native : natives) {
    v8::Local<v8::FunctionTemplate> shape =
        v8::FunctionTemplate::New(isolate, native.callback, {}, {}, 0,
                                  v8::ConstructorBehavior::kThrow);
    v8::Local<v8::String> name = make_symbol(isolate, native.name);
    v8::Local<v8::Function> function = shape->GetFunction(context).ToLocalChecked();
    function->SetName(name);
    table->Set(context, name, function).Check();
  }
  v8::Local<v8::String> key = make_symbol(isolate, "__natives");
  context->Global()->Set(context, key, table).Check();

  v8::TryCatch caught(isolate);
  v8::ScriptOrigin origin(make_symbol(isolate, "selvage:builtins"));
  v8::Local<v8::String> text;
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> value;
  if (!v8::String::NewExternalOneByte(isolate, &source).ToLocal(&text) ||
      !v8::Script::Compile(context, text, &origin).ToLocal(&script) ||
      !script->Run(context).ToLocal(&value)) {
    return fail(ErrorCode::internal, "the builtins' script failed: " + describe(isolate, caught));
  }
  isolate->PerformMicrotaskCheckpoint();
  context->Global()->Delete(context, key).Check();
  if (!value->IsObject()) {
    return fail(ErrorCode::internal, "the builtins' script must end with an object");
  }
  return value.As<v8::Object>();
}

Status Snapshot::build(node::MultiIsolatePlatform* platform, std::span<const Native> natives,
                       std::string_view script, const std::string& path) {
  for (char c : script) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return fail(ErrorCode::invalid_argument, "the builtins' script must be ASCII");
    }
  }
  Source source(script);
  const std::vector<intptr_t> references = references_of(natives, source);
  v8::Isolate* isolate = v8::Isolate::Allocate();
  auto runner = std::make_shared<TaskRunner>([](std::chrono::milliseconds) {});
  PlatformDelegate delegate(runner);
  platform->RegisterIsolate(isolate, &delegate);
  v8::StartupData blob{nullptr, 0};
  Status outcome;
  {
    v8::Isolate::CreateParams parameters;
    parameters.array_buffer_allocator_shared =
        std::shared_ptr<v8::ArrayBuffer::Allocator>(v8::ArrayBuffer::Allocator::NewDefaultAllocator());
    parameters.external_references = references.data();
    v8::SnapshotCreator creator(isolate, parameters);
    {
      v8::Isolate::Scope isolate_scope(isolate);
      v8::HandleScope handles(isolate);
      v8::Local<v8::Context> context = v8::Context::New(isolate);
      v8::Context::Scope context_scope(context);
      auto builtins = run_builtins(isolate, context, natives, source);
      if (builtins) {
        creator.AddData(context, *builtins);
      } else {
        outcome = fail(builtins.error());
      }
      creator.SetDefaultContext(context);
    }
    blob = creator.CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  }
  runner->close();
  platform->UnregisterIsolate(isolate);
  const std::unique_ptr<const char[]> owned(blob.data);
  if (!outcome) return outcome;

  std::string file(kMagic);
  const std::string print = fingerprint(natives);
  append(file, kFormat);
  append(file, static_cast<uint32_t>(print.size()));
  file += print;
  std::string contents;
  append(contents, static_cast<uint64_t>(script.size()));
  contents += script;
  contents.append(blob.data, static_cast<size_t>(blob.raw_size));
  append(file, static_cast<uint64_t>(checksum_of(contents)));
  append(file, static_cast<uint64_t>(contents.size()));
  file += contents;
  const std::string temporary = path + ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(file.data(), static_cast<std::streamsize>(file.size()));
  out.close();
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (!out || error) return fail(ErrorCode::io, "cannot write the snapshot " + path);
  return {};
}

Result<std::unique_ptr<Snapshot>> Snapshot::load(const std::string& path,
                                                 std::span<const Native> natives) {
  constexpr auto kRemedy = "Build again with ./x build, or reinstall Selvage";
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot read the startup snapshot " + path, kRemedy);
  std::ostringstream contents;
  contents << in.rdbuf();
  auto snapshot = std::unique_ptr<Snapshot>(new Snapshot);
  snapshot->bytes_ = std::move(contents).str();

  const auto damaged = [&](std::string_view what) {
    return fail(ErrorCode::corrupt, "the startup snapshot " + path + " " + std::string(what),
                kRemedy);
  };
  std::string_view rest = snapshot->bytes_;
  uint32_t format = 0;
  uint32_t print_length = 0;
  if (!rest.starts_with(kMagic)) return damaged("is not a snapshot");
  rest.remove_prefix(kMagic.size());
  if (!consume(rest, format) || format != kFormat) return damaged("has another format");
  if (!consume(rest, print_length) || rest.size() < print_length) return damaged("is cut short");
  if (rest.substr(0, print_length) != fingerprint(natives)) {
    return damaged("was made by another build");
  }
  rest.remove_prefix(print_length);
  uint64_t checksum = 0;
  uint64_t length = 0;
  if (!consume(rest, checksum) || !consume(rest, length) || rest.size() != length) {
    return damaged("is cut short");
  }
  if (checksum_of(rest) != checksum) return damaged("is damaged (checksum)");
  uint64_t source_length = 0;
  if (!consume(rest, source_length) || rest.size() < source_length) return damaged("is cut short");
  snapshot->source_ = std::make_unique<Source>(rest.substr(0, source_length));
  rest.remove_prefix(source_length);
  snapshot->references_ = references_of(natives, *snapshot->source_);
  snapshot->data_ = {rest.data(), static_cast<int>(rest.size())};
  if (!snapshot->data_.IsValid()) return damaged("does not fit this V8");
  return snapshot;
}

v8::Local<v8::Object> Snapshot::builtins(v8::Local<v8::Context> context) const {
  return context->GetDataFromSnapshotOnce<v8::Object>(0).ToLocalChecked();
}

}  // namespace selvage::js
