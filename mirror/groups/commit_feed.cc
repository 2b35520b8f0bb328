#include "mirror/groups/commit_feed.h"

#include <algorithm>

#include "mirror/groups/sink_commits.h"

namespace longspan {
namespace {

// How soon what changed is asked for at the earliest after it was asked for last.
constexpr std::chrono::milliseconds kAskAgain{1'000};

}  // namespace

CommitFeed::CommitFeed(CommitFeedConfig config, CommitFeedPorts ports, LogContext log,
                       CommitBatches::Take take)
    : config_(std::move(config)),
      ports_(std::move(ports)),
      log_(std::move(log)),
      names_(config_.groups, config_.groups_exclude),
      batches_(std::move(take), config_.side) {}

void CommitFeed::run(const std::stop_token& stop) {
  stop_ = stop;
  const std::stop_callback wakes(stop, [this] { ports_.wakeup->notify(); });
  while (!stop.stop_requested()) ports_.wakeup->wait(turn());
}

std::chrono::milliseconds CommitFeed::turn() {
  has_more_ = false;
  take_orders();
  if (wanted_->empty()) return kTurn;
  if (!tail_ && now() >= next_try_) open_tail();
  if (tail_) follow();
  if (mode_ == Mode::polled && now() >= next_poll_) poll();
  if (mode_ == Mode::followed && now() >= next_list_) list();
  forget_what_is_old();
  if (now() >= next_batch_ || batches_.is_batch()) {
    batches_.hand_over();
    next_batch_ = now() + kGather;
  }
  return until_next_turn();
}

std::chrono::milliseconds CommitFeed::until_next_turn() const {
  if (has_more_) return std::chrono::milliseconds(0);
  const bool is_catching_up = tail_ && (look_ || mode_ != Mode::followed);
  if (is_catching_up || !batches_.is_empty()) return kGather;
  if (mode_ != Mode::polled) return kTurn;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next_poll_ - now());
  return std::clamp(left, std::chrono::milliseconds(1), kTurn);
}

// --- what is wanted ---

void CommitFeed::watch(Partitions partitions) {
  {
    const std::lock_guard lock(orders_mutex_);
    if (partitions == *ordered_) return;
    for (const auto& partition : partitions) {
      if (!ordered_->contains(partition)) ordered_added_.insert(partition);
    }
    ordered_ = std::make_shared<const Partitions>(std::move(partitions));
  }
  ports_.wakeup->notify();
}

void CommitFeed::begin_anew() {
  is_anew_wanted_.store(true);
  ports_.wakeup->notify();
}

void CommitFeed::take_orders() {
  Partitions added;
  {
    const std::lock_guard lock(orders_mutex_);
    added = std::exchange(ordered_added_, {});
    if (wanted_ == ordered_ && added.empty() && !is_anew_wanted_.load()) return;
    wanted_ = ordered_;
  }
  if (is_anew_wanted_.exchange(false) || wanted_->empty()) close();
  std::erase_if(added, [this](const auto& partition) { return !wanted_->contains(partition); });
  std::erase_if(added_, [this](const auto& partition) { return !wanted_->contains(partition); });
  if (added.empty() && !wanted_->empty()) return;
  added_.merge(added);
  polled_.change([this](const auto& partition) { return wanted_->contains(partition); });
}

void CommitFeed::close() {
  tail_.reset();
  look_.reset();
  held_.clear();
  unanswered_.clear();
  polled_.clear();
  mode_ = Mode::none;
  next_try_ = now();
}

// --- the topic ---

Result<void> CommitFeed::open_admin() {
  if (admin_) return {};
  auto made = ports_.make_admin();
  if (!made) return made.error();
  admin_ = std::move(*made);
  return {};
}

void CommitFeed::open_tail() {
  if (auto opened = open_admin(); !opened) return lose_tail(opened.error());
  auto opened = OffsetsTail::open(
      *admin_, [this] { return ports_.make_source(*ports_.wakeup); }, *this);
  if (!opened) return lose_tail(opened.error());
  tail_ = std::move(*opened);
  catch_up_by_ = now() + kCatchUp;
}

void CommitFeed::follow() {
  has_more_ = tail_->poll() == OffsetsTail::kRecordsATurn;
  if (!tail_->failure()) look_if_due();
  if (tail_ && tail_->failure()) lose_tail(Error(*tail_->failure()));
  if (tail_ && tail_->wants_leaders() && now() >= next_leaders_) {
    tail_->ask_leaders(*admin_);
    next_leaders_ = now() + kAskAgain;
  }
}

void CommitFeed::look_if_due() {
  if (look_) {
    if (tail_->has_reached(look_->ends)) return finish_look();
  } else if (mode_ != Mode::followed) {
    if (tail_->is_readable()) return look_at_all();
  } else {
    if (now() < next_look_) return;
    if (!added_.empty()) return look_at_added();
    if (!unanswered_.empty()) look_at_unanswered();
    return;
  }
  if (now() < catch_up_by_) return;
  lose_tail({Next::park_partition, 0,
             "its end was not reached in time: it has no leader, or a transaction is open there",
             "topic=__consumer_offsets"});
}

// It cannot be read, or not any more. A gap where it could be read before is bridged by beginning
// anew at once; only where that fails, too, the groups are asked instead.
void CommitFeed::lose_tail(const Error& error) {
  tail_.reset();
  look_.reset();
  held_.clear();
  unanswered_.clear();
  next_try_ = now() + try_again_;
  if (mode_ == Mode::followed) {
    mode_ = Mode::none;
    return trouble(error);
  }
  const bool is_unreachable = error.next == Next::retry;
  try_again_ = std::min(2 * try_again_, is_unreachable ? kListInterval : kTryAgainMax);
  if (is_unreachable || mode_ == Mode::polled) return trouble(error);
  told_ = error.cause();
  log_warn(log_, "group_commits_polled",
           {{"interval_ms", config_.poll_interval.count()}, {"error", error.text()}});
  change(Mode::polled);
  next_poll_ = now();
}

// A partition of it may be silent: without a leader, or behind a transaction that hangs.
void CommitFeed::check_end() {
  if (now() < next_check_) return;
  if (!tail_->has_reached(ends_)) {
    return lose_tail({Next::park_partition, 0,
                      "it is not read up to where it ended a while ago: it has no leader, or a "
                      "transaction is open there",
                      "topic=__consumer_offsets"});
  }
  auto ends = tail_->ends(*admin_);
  if (!ends) return trouble(ends.error());
  ends_ = std::move(*ends);
  next_check_ = now() + kCatchUp;
  known_until_ = next_check_ + kUnheard;
}

void CommitFeed::forget_what_is_old() {
  const bool is_due = mode_ == Mode::followed && now() >= next_check_ + kUnheard;
  if (is_due) lose_tail({Next::retry, 0, "the cluster does not answer", ""});
  if (!known_until_ || now() < *known_until_) return;
  known_until_.reset();
  change(mode_);
}

// --- looks ---

LookPorts CommitFeed::look_ports(std::shared_ptr<const Partitions> partitions) {
  return {*admin_, names_, ports_.clock, [wanted = std::move(partitions)](const TopicPartition& p) {
            return wanted->contains(p);
          }};
}

void CommitFeed::look_at_all() {
  added_.clear();
  auto look = look_at_groups(look_ports(wanted_), stop_);
  if (!look) return lose_tail(look.error());
  if (look->missing) return lose_tail(*look->missing);
  await_ends(std::move(*look), wanted_, true);
}

void CommitFeed::look_at_added() {
  next_look_ = now() + kListInterval;
  const auto partitions = std::make_shared<const Partitions>(added_);
  auto look = look_at_groups(look_ports(partitions), stop_);
  if (!look || look->missing) return;
  added_.clear();
  next_look_ = now();
  await_ends(std::move(*look), partitions, false);
}

void CommitFeed::look_at_unanswered() {
  next_look_ = now() + kListInterval;
  GroupLook all;
  std::vector<GroupName> still;
  for (auto at = unanswered_.begin(); at != unanswered_.end();) {
    auto& [group, partitions, told] = at->second;
    auto look = look_at_groups(look_ports(partitions), {group}, stop_);
    for (auto& found : look.groups) {
      for (const auto& partition : told) found.offsets.erase(partition);
      all.groups.push_back(std::move(found));
    }
    at = look.unanswered.empty() ? unanswered_.erase(at) : std::next(at);
  }
  if (!all.groups.empty()) await_ends(std::move(all), nullptr, false);
}

void CommitFeed::await_ends(GroupLook look, std::shared_ptr<const Partitions> partitions,
                            bool is_first) {
  auto ends = tail_->ends(*admin_);
  if (!ends) return lose_tail(ends.error());
  for (const auto& group : std::exchange(look.unanswered, {})) {
    const auto [at, is_new] = unanswered_.try_emplace(*group, Unanswered{group, partitions, {}});
    if (!is_new) at->second.partitions = wanted_;  // those that came since, too
    next_look_ = now() + kListInterval;
  }
  look_ = PendingLook{is_first, std::move(look), std::move(*ends)};
  catch_up_by_ = now() + kCatchUp;
}

// A record says more than what was asked for, and came after it or is it.
void CommitFeed::finish_look() {
  auto look = std::move(*std::exchange(look_, std::nullopt));
  if (look.is_first) {
    change(Mode::followed);
    try_again_ = kTryAgain;
    told_.clear();
    next_list_ = now() + kListInterval;
    next_check_ = now() + kCatchUp;
    known_until_ = next_check_ + kUnheard;
    ends_ = look.ends;
    log_info(log_, "group_commits_followed",
             {{"groups", look.look.states.size()}, {"partitions", tail_->partitions()}});
    see_listing(look.look.states, true);
  }
  std::set<std::pair<std::string_view, TopicPartition>> held;
  for (const auto& commit : held_.commits()) held.emplace(*commit.group, commit.partition);
  for (const auto& group : look.look.groups) {
    for (const auto& [partition, offset] : group.offsets) {
      if (held.contains({*group.group, partition})) continue;
      ObservedCommit commit{group.group, partition, GroupCommit{offset}};
      commit.is_exact = false;
      commit.seen_by = group.answered_at;
      commit.is_of_sink = is_sink_group(*group.group);
      batches_.add(std::move(commit));
    }
  }
  for (auto& group : held_.take_groups()) see(std::move(group.group), group.state);
  batches_.append(std::exchange(held_, {}));
}

// --- what the topic says ---

void CommitFeed::on_commit(CommitRecord& record, std::optional<std::int32_t> coordinator) {
  if (!wanted_->contains(record.partition)) return;
  auto group = names_.of(record.group);
  if (!group) return;
  if (const auto at = unanswered_.find(record.group); at != unanswered_.end()) {
    at->second.told.insert(record.partition);
  }
  ObservedCommit commit{std::move(group), std::move(record.partition)};
  commit.is_of_sink = is_sink_group(record.group);
  if (commit.is_of_sink && !record.position) return;  // expired: it may still report here
  if (record.position && record.position->offset) {
    const auto& position = *record.position;
    commit.commit = GroupCommit{*position.offset, position.leader_epoch, position.committed_at};
    commit.coordinator = coordinator;
    if (commit.is_of_sink) tell_sinks_time(commit, position.metadata);
  }
  const bool is_held = look_ || mode_ != Mode::followed;
  is_held ? held_.add(std::move(commit)) : batches_.add(std::move(commit));
}

// Its own, which is not the coordinator's; or when it is heard of here.
void CommitFeed::tell_sinks_time(ObservedCommit& commit, std::string_view metadata) const {
  commit.coordinator.reset();
  commit.commit->at = sink_time(metadata);
  commit.is_exact = commit.commit->at.has_value();
  if (!commit.is_exact) commit.seen_by = ports_.clock.now_us();
}

void CommitFeed::on_group(GroupRecord& record) {
  auto group = names_.of(record.group);
  if (!group) return;
  if (!record.metadata) {
    // Gone, or of the newer protocol now, of which only the list tells.
    next_list_ = std::min(next_list_, now() + kAskAgain);
    return;
  }
  const auto state = state_of(record.metadata);
  const bool is_held = look_ || mode_ != Mode::followed;
  is_held ? held_.add(GroupSeen{std::move(group), state}) : see(std::move(group), state);
}

// --- asking instead ---

void CommitFeed::poll() {
  const auto begin = now();
  next_poll_ = begin + config_.poll_interval;
  auto look = look_at_groups(look_ports(wanted_), stop_);
  if (!look) return trouble(look.error());
  see_listing(look->states, !look->missing);
  polled_.take(*look, [this](ObservedCommit commit) { batches_.add(std::move(commit)); });
  added_.clear();
  // No more than half of the time.
  next_poll_ = std::max(next_poll_, now() + (now() - begin));
  known_until_ = next_poll_ + (now() - begin) + kCatchUp + kUnheard;
}

void CommitFeed::list() {
  next_list_ = now() + kListInterval;
  tail_->ask_leaders(*admin_);
  const auto listing = admin_->list_groups();
  if (!listing) return trouble(listing.error());
  std::map<std::string, GroupState> wanted;
  for (const auto& [name, state] : listing->groups) {
    if (names_.of(name)) wanted.emplace(name, state);
  }
  see_listing(wanted, !listing->error);
  check_end();
}

// One that moves from a broker to another may be on no list for a moment.
void CommitFeed::see_listing(const std::map<std::string, GroupState>& states, bool is_complete) {
  for (const auto& [name, state] : states) {
    see(names_.of(name), state);
    missing_.erase(name);
  }
  if (!is_complete) return;
  std::vector<GroupName> gone;
  for (const auto& [name, told] : states_) {
    if (!states.contains(name) && !missing_.insert(name).second) gone.push_back(told.first);
  }
  for (const auto& group : gone) {
    see(group, GroupState::dead);
    states_.erase(*group);
    names_.forget(*group);
    missing_.erase(*group);
  }
  if (!missing_.empty()) next_list_ = std::min(next_list_, now() + kAskAgain);
}

void CommitFeed::see(GroupName group, GroupState state) {
  // It has no members, and what it reports to its own process is not there.
  if (is_sink_group(*group)) state = GroupState::stable;
  const auto [at, is_new] = states_.try_emplace(*group, group, state);
  if (!is_new && std::exchange(at->second.second, state) == state) return;
  batches_.add(GroupSeen{std::move(group), state});
}

// --- both ---

void CommitFeed::change(Mode mode) {
  mode_ = mode;
  batches_.begin_anew();
  polled_.clear();
  states_.clear();
  missing_.clear();
}

void CommitFeed::trouble(const Error& error) {
  if (std::exchange(told_, error.cause()) == told_) return;
  log_warn(log_, "group_commits_trouble", {{"error", error.text()}});
}

}  // namespace longspan
