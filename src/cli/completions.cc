#include "cli/completions.h"

#include <vector>

namespace selvage::cli {
namespace {

struct Word {
  std::string text;
  std::string what;
};

/// A command and what may follow it.
struct Place {
  std::string path;  // "/kv/key"; "" for the program
  std::vector<Word> commands;
  std::vector<Word> options;
};

void collect(const CLI::App& command, const std::string& path, std::vector<Place>& places) {
  Place place{path, {}, {}};
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      place.options.push_back({"--" + name, option->get_description()});
    }
  }
  const auto below = command.get_subcommands(nullptr);
  for (const CLI::App* each : below) {
    place.commands.push_back({each->get_name(), each->get_description()});
  }
  places.push_back(std::move(place));
  for (const CLI::App* each : below) collect(*each, path + "/" + each->get_name(), places);
}

/// In single quotes; `quote` stands for one in the text.
std::string quoted(std::string_view text, std::string_view quote) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += quote;
    } else {
      result += c == '\n' ? ' ' : c;
    }
  }
  return result + "'";
}

/// For bash and zsh, in which nothing has a meaning within single quotes.
std::string in_quotes(std::string_view text) { return quoted(text, R"('\'')"); }
/// For fish.
std::string in_fish_quotes(std::string_view text) { return quoted(text, R"(\')"); }

/// Finds the command among the words that stand before the cursor, and sets `commands` and
/// `options` to what may follow it, as "word:description": the same in bash and zsh. `words`: the
/// array of the command line's words, in which `first` is the one after the program's name, and
/// `current` the one at the cursor.
std::string finder(const std::vector<Place>& places, const std::string& words,
                   const std::string& first, const std::string& current) {
  std::string known;
  for (const Place& place : places) {
    if (!place.path.empty()) known += (known.empty() ? "" : "|") + place.path;
  }
  const std::string next = "$at/${" + words + "[i]}";
  std::string script =
      "  local at= i\n"
      "  local -a commands options\n"
      "  for ((i = " +
      first + "; i < " + current +
      "; i++)); do\n"
      "    case \"" +
      next +
      "\" in\n"
      "      " +
      known + ") at=\"" + next +
      "\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$at\" in\n";
  // A colon of the word itself would need a backslash; none has one.
  const auto list = [](const std::vector<Word>& list) {
    std::string text;
    for (const Word& word : list) text += " " + in_quotes(word.text + ":" + word.what);
    return text;
  };
  for (const Place& place : places) {
    script += "    " + in_quotes(place.path) + ")\n      commands=(" + list(place.commands) +
              " )\n      options=(" + list(place.options) + " )\n      ;;\n";
  }
  return script + "  esac\n";
}

std::string for_bash(const std::vector<Place>& places) {
  return "_selvage() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n" +
         finder(places, "COMP_WORDS", "1", "COMP_CWORD") +
         "  [[ $current == -* ]] && commands=(\"${options[@]}\")\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"${commands[*]%%:*}\" -- \"$current\")\n"
         "}\n"
         "complete -o default -F _selvage selvage\n";
}

std::string for_zsh(const std::vector<Place>& places) {
  return "#compdef selvage\n"
         "_selvage() {\n" +
         finder(places, "words", "2", "CURRENT") +
         "  if [[ ${words[CURRENT]} == -* ]]; then\n"
         "    _describe -o option options\n"
         "  elif (( ${#commands} )); then\n"
         "    _describe command commands\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _selvage \"$@\"; "
         "else compdef _selvage selvage; fi\n";
}

std::string for_fish(const std::vector<Place>& places) {
  std::string known;
  for (const Place& place : places) {
    if (!place.path.empty()) known += " " + place.path;
  }
  std::string script =
      "function __selvage_at\n"
      "  set -l at ''\n"
      "  for word in (commandline -opc)[2..]\n"
      "    if contains -- \"$at/$word\"" +
      known +
      "\n"
      "      set at \"$at/$word\"\n"
      "    end\n"
      "  end\n"
      "  test \"$at\" = \"$argv[1]\"\n"
      "end\n";
  for (const Place& place : places) {
    const std::string where = "complete -c selvage -n \"__selvage_at '" + place.path + "'\"";
    for (const Word& word : place.commands) {
      script +=
          where + " -f -a " + in_fish_quotes(word.text) + " -d " + in_fish_quotes(word.what) + "\n";
    }
    for (const Word& word : place.options) {
      script += where + " -l " + word.text.substr(2) + " -d " + in_fish_quotes(word.what) + "\n";
    }
  }
  return script;
}

}  // namespace

Result<std::string> completion_script(const CLI::App& program, std::string_view shell) {
  std::vector<Place> places;
  collect(program, "", places);
  if (shell == "bash") return for_bash(places);
  if (shell == "zsh") return for_zsh(places);
  if (shell == "fish") return for_fish(places);
  return fail(ErrorCode::invalid_argument,
              "there are no completions for \"" + std::string(shell) + "\"",
              "There are for bash, zsh and fish");
}

}  // namespace selvage::cli
