// mirror/kafka/header_edits.h - changes the headers of a consumed message, before it is produced.
//
// Only headers that an edit names are touched: all others keep their order, duplicates and bytes.
//
// Errors:  none: the library only refuses a name that is not there.
// Threads: the message's owner. Views of its headers end here.
// Owns:    headers that were missing belong to the message afterwards.
#pragma once

#include <span>

#include "mirror/kafka/handles.h"
#include "tracing/context/header_edit.h"

namespace longspan::kafka {

void edit_headers(rd_kafka_message_t* message, std::span<const HeaderEdit> edits);

}  // namespace longspan::kafka
