#include "js/snapshot.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "js/isolate.h"
#include "js/task_runner.h"

namespace selvage::js {
namespace {

constexpr std::string_view kMagic = "SLVGSNAP";
constexpr uint32_t kFormat = 3;

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

void append_text(std::string& out, std::string_view text) {
  append(out, static_cast<uint64_t>(text.size()));
  out += text;
}

bool consume_text(std::string_view& in, std::string_view& text) {
  uint64_t size = 0;
  if (!consume(in, size) || in.size() < size) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

/// What follows the file's head.
std::string contents_of(std::string_view script, std::span<const Snapshot::GroupSource> groups,
                        std::span<const std::string> codes, std::string_view blob) {
  std::string contents;
  append_text(contents, script);
  append(contents, static_cast<uint32_t>(groups.size()));
  for (size_t i = 0; i < groups.size(); ++i) {
    append_text(contents, groups[i].name);
    append_text(contents, groups[i].text);
    append_text(contents, codes.empty() ? std::string_view() : std::string_view(codes[i]));
  }
  append_text(contents, blob);
  return contents;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
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
                                              const ExternalSource& source) {
  std::vector<intptr_t> references{reinterpret_cast<intptr_t>(&source),
                                   reinterpret_cast<intptr_t>(native_function)};
  for (const Native& native : natives) {
    references.push_back(reinterpret_cast<intptr_t>(native.callback));
  }
  references.insert(references.end(), kGroupReferences.begin(), kGroupReferences.end());
  references.push_back(0);
  return references;
}

Result<v8::Local<v8::Object>> Snapshot::run_builtins(v8::Isolate* isolate,
                                                     v8::Local<v8::Context> context,
                                                     ExternalSource& source) {
  v8::Local<v8::String> key = make_symbol(isolate, "__nativeFunction");
  context->Global()
      ->Set(context, key, v8::Function::New(context, native_function).ToLocalChecked())
      .Check();

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

Result<std::string> Snapshot::make_blob(node::MultiIsolatePlatform* platform,
                                        std::span<const Native> natives, std::string_view script) {
  const NativeTable table(natives);
  ExternalSource source(script);
  const std::vector<intptr_t> references = references_of(natives, source);
  v8::Isolate* isolate = v8::Isolate::Allocate();
  auto runner = std::make_shared<TaskRunner>([](std::chrono::milliseconds) {});
  PlatformDelegate delegate(runner);
  platform->RegisterIsolate(isolate, &delegate);
  v8::StartupData blob{nullptr, 0};
  Status outcome;
  {
    v8::Isolate::CreateParams parameters;
    parameters.array_buffer_allocator_shared = std::shared_ptr<v8::ArrayBuffer::Allocator>(
        v8::ArrayBuffer::Allocator::NewDefaultAllocator());
    parameters.external_references = references.data();
    v8::SnapshotCreator creator(isolate, parameters);
    table.attach(isolate);
    {
      v8::Isolate::Scope isolate_scope(isolate);
      v8::HandleScope handles(isolate);
      v8::Local<v8::Context> context = v8::Context::New(isolate);
      v8::Context::Scope context_scope(context);
      auto builtins = run_builtins(isolate, context, source);
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
  if (!outcome) return fail(outcome.error());
  return std::string(blob.data, static_cast<size_t>(blob.raw_size));
}

Result<std::vector<std::string>> Snapshot::compile_groups(
    node::MultiIsolatePlatform* platform) const {
  std::vector<std::string> codes;
  Status outcome;
  Isolate isolate(Isolate::Options{
      .platform = platform, .snapshot = this, .wake = [](std::chrono::milliseconds) {}});
  const RunEnd end = isolate.run([&] {
    v8::Isolate* v8 = isolate.v8();
    v8::TryCatch caught(v8);
    v8::Local<v8::Value> use = isolate.builtin("useGroups");
    if (use.As<v8::Function>()->Call(isolate.context(), v8::Undefined(v8), 0, nullptr).IsEmpty()) {
      outcome = fail(ErrorCode::internal, "a group of builtins failed: " + describe(v8, caught));
      return;
    }
    v8->PerformMicrotaskCheckpoint();
    for (const BuiltinGroups::Group& group : groups_.all()) {
      codes.push_back(BuiltinGroups::compiled_code(isolate.context(), group));
    }
  });
  if (end == RunEnd::lost)
    return fail(ErrorCode::internal, "the groups of builtins ran out of memory");
  if (!outcome) return fail(outcome.error());
  return codes;
}

Status Snapshot::build(node::MultiIsolatePlatform* platform, std::span<const Native> natives,
                       std::string_view script, std::span<const GroupSource> groups,
                       const std::string& path) {
  bool ascii = is_ascii(script);
  for (const GroupSource& group : groups) ascii = ascii && is_ascii(group.text);
  if (!ascii) return fail(ErrorCode::invalid_argument, "the builtins' scripts must be ASCII");
  SELVAGE_TRY(const std::string blob, make_blob(platform, natives, script));
  std::string contents = contents_of(script, groups, {}, blob);
  {
    SELVAGE_TRY(const std::unique_ptr<Snapshot> plain, parse(contents, natives));
    SELVAGE_TRY(const std::vector<std::string> codes, plain->compile_groups(platform));
    contents = contents_of(script, groups, codes, blob);
  }

  std::string file(kMagic);
  const std::string print = fingerprint(natives);
  append(file, kFormat);
  append(file, static_cast<uint32_t>(print.size()));
  file += print;
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

Result<std::unique_ptr<Snapshot>> Snapshot::parse(std::string contents,
                                                  std::span<const Native> natives) {
  auto snapshot = std::unique_ptr<Snapshot>(new Snapshot(natives));
  snapshot->bytes_ = std::move(contents);
  const auto cut_short = [] { return fail(ErrorCode::corrupt, "is cut short"); };
  std::string_view rest = snapshot->bytes_;
  std::string_view source;
  uint32_t groups = 0;
  if (!consume_text(rest, source) || !consume(rest, groups)) return cut_short();
  for (uint32_t i = 0; i < groups; ++i) {
    std::string_view name;
    std::string_view text;
    std::string_view code;
    if (!consume_text(rest, name) || !consume_text(rest, text) || !consume_text(rest, code)) {
      return cut_short();
    }
    snapshot->groups_.add(std::string(name), text, code);
  }
  std::string_view blob;
  if (!consume_text(rest, blob)) return cut_short();
  snapshot->source_ = std::make_unique<ExternalSource>(source);
  snapshot->references_ = references_of(natives, *snapshot->source_);
  snapshot->data_ = {blob.data(), static_cast<int>(blob.size())};
  if (!snapshot->data_.IsValid()) return fail(ErrorCode::corrupt, "does not fit this V8");
  return snapshot;
}

Result<std::unique_ptr<Snapshot>> Snapshot::load(const std::string& path,
                                                 std::span<const Native> natives) {
  constexpr auto kRemedy = "Build again with ./x build, or reinstall Selvage";
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "cannot read the startup snapshot " + path, kRemedy);
  std::ostringstream contents;
  contents << in.rdbuf();
  const std::string file = std::move(contents).str();

  const auto damaged = [&](std::string_view what) {
    return fail(ErrorCode::corrupt, "the startup snapshot " + path + " " + std::string(what),
                kRemedy);
  };
  std::string_view rest = file;
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
  auto snapshot = parse(std::string(rest), natives);
  if (!snapshot) return damaged(snapshot.error().message);
  return snapshot;
}

v8::Local<v8::Object> Snapshot::builtins(v8::Local<v8::Context> context) const {
  return context->GetDataFromSnapshotOnce<v8::Object>(0).ToLocalChecked();
}

}  // namespace selvage::js
