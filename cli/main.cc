// cli/main.cc - the program longspan: hands its words to the command table.
#include <string>
#include <vector>

#include "cli/command_table.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return longspan::run_program(words);
}
