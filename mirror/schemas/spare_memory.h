// mirror/schemas/spare_memory.h - gives back what the allocator holds free.
//
// Sixteen threads that are gone leave to nobody what each had for whole pages of a registry's
// answer, and a plan what it was made with: a third of the peak of ten thousand subjects.
//
// Errors:  none.
// Threads: any; takes some milliseconds, in which others may wait for memory.
// Source:  glibc, malloc_trim(3).
#pragma once

namespace longspan {

void give_back_spare_memory();

}  // namespace longspan
