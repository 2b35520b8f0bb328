#include "mirror/schemas/spare_memory.h"

#include <malloc.h>

namespace longspan {

void give_back_spare_memory() { ::malloc_trim(0); }

}  // namespace longspan
