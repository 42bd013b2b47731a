"""Long texts and hints of the runtime codes, each facet by itself.

Two to six sentences each: what the code means, when it happens, what to try. Plain words, wrapped
by whoever shows them; `code` marks stay as they are.
"""

from hazui.errors.texts.paragraphs import read_paragraphs

TEXTS = read_paragraphs(
    """
missing_execution_scope_id
    Everything a session does is recorded under an identity: a turn, a process, a drain of queued
    requests, the deletion of a session, an operation. A request came with a blank one, so it
    could never be found again and was refused before anything ran. The data names the kind and
    the field. Give an id that is not blank, or leave it out where it is optional.

execution_scope_turn_id_mismatch
    A request names a turn that is not the one being opened: it was saved for an earlier turn, or
    sent twice. Running it under another turn would record it in the wrong place, so it is refused
    and the journal of both turns is untouched. Leave out --turn-id, or give the number of the
    turn that is about to open.

session_execution_busy
    Another hazui owns this workspace and keeps its lease alive, so a second run in the foreground
    is refused before it does anything. The data says who: process, host, since when, until when.
    Stop that one, or wait until it ends: a crashed owner on this machine is replaced at once.

session_execution_lease_lost
    This hazui owned the workspace, was stopped for longer than its lease lasts (Ctrl-Z, a
    debugger, a sleeping machine), and another one has taken over meanwhile. Its processes were
    stopped and nothing more was written; the pending changes belong to the new owner, who runs
    them. Close this one, or look at the new owner's screen.

missing_process_execution_id
    A process is known by an id that is written down before it is started. A start, retry, restart
    or recovery came with a blank id or with one that the registry does not hold, so nothing was
    started: a retry without its id could run a command twice. Other rows are recovered as usual.
    A damaged state database is the usual reason; run the task again for a new id.

durable_store_required:attachment_store
    A durable session keeps the captured output of every process on disk, so that it can be read
    after a crash, and this store is not durable. The session refuses before any work rather than
    lose output silently. Set workspace.stores.attachment_store to "durable", or run with durable
    = false or --scratch. When the store is durable and a write into it fails, the code is the
    same and the cause says what the operating system answered.

durable_store_required:process_env_store
    A durable session keeps what each process ran with (argv, directory, names of variables), so
    that a run can be explained later, and this store is not durable. Set
    workspace.stores.process_env_store to "durable", or run with durable = false or --scratch.

durable_store_required:session_store
    A durable session keeps its turns and results, so that nothing is forgotten when it dies, and
    this store is not durable. --durable together with --scratch asks for both at once. Set
    workspace.stores.session_store to "durable", or drop one of the two flags.

durable_store_required:process_registry
    A durable session writes down every process before it starts, so that leftovers are found
    after a crash, and this store is not durable: orphans would stay unknown. Set
    workspace.stores.process_registry to "durable", or run with durable = false or --scratch.

durable_store_required:trigger_store
    A durable session keeps the changes that have been seen and not yet been run, so that a crash
    loses none, and this store is not durable. Set workspace.stores.trigger_store to "durable", or
    run with durable = false or --scratch.

store_commit_failed
    Something could not be written into the state database, so it counts as not done: the pending
    changes stay pending and join the next turn. data.kind says why: contended (somebody held the
    database; tried three times), conflict (the head moved or the lease was not ours), duplicate
    (this turn was already recorded with other content), io (disk full, read-only or failing) or
    schema (a newer version wrote it). The cause is the state error with the details.

plugin_session_manager
    Before hooks are called, plugins are loaded and given what they may use: the session's state,
    a way to start tasks, notes. That could not be built, most often because a plugin does not
    import; the cause has the file and line. Nothing ran, and the changes stay pending. Fix the
    plugin: it is loaded again at the next turn.

plugin_finalize_turn
    The tasks of the turn ran, and then a hook that runs after the turn failed or asked to abort
    it. Nothing of the turn was recorded and its changes stay pending, so what it did will be done
    again (unchanged tasks come from the cache). Fix the plugin named in the chain.

plugin_checkpoint
    A hook that runs between two waves of tasks failed or aborted the turn, so the next wave was
    not started. What the first waves produced is in the workspace and the cache; the turn is not
    recorded. Fix the plugin named in the chain, or take it out.

plugin_prepare_turn
    A hook that runs before a turn failed, took too long or answered something that is not
    allowed, so nothing was started and later hooks were not called. A hook that asks to stop the
    turn is not this error: that is a turn that ended as stopped. Fix the plugin named in the
    chain.

context_prepare_turn
    What this turn is about could not be computed: which tasks the changes affect, or what a
    plugin's transform makes of it. The workspace may have vanished, the new configuration may
    hold a circle, or a transform raised; the cause names it. Watching goes on, and the next
    change tries again.

protocol_turn_extension
    The request carries extra data for the executor (--ext KEY=JSON), and the executor does not
    accept it: the key is unknown or reserved, or the value has the wrong shape. It is refused
    before any hook or task. Correct the key or the value; the message of the cause says what is
    accepted.

protocol_before_llm_call
    The optional assistant was to explain a failure, and was stopped before anything was sent:
    redaction failed, there was no consent, or the text was too large. Nothing left the machine,
    and the result of the turn is not affected. Fix the redaction, or set
    workspace.assistant.max_bytes.

turn_stream_join
    The background work of a turn ended in a way that is outside of every error model: a worker
    was killed, or a plugin called sys.exit. The turn's processes were stopped, its lease is in
    order, and the next turn starts clean. data.kind says whether it was a crash, a kill or a
    cancellation; the cause is what was seen last.

empty_agent_frame_run
    The executor said that it was done without giving the result of a single wave, though there
    was work to do. A turn that nothing affects is empty in order and is not this. Executors are
    plugins: the one named in the data is at fault, for example by filtering out every task.

durable_effect_live_protocol_extension
    A request that is queued or recorded carries an extension that lives only in this process,
    such as a function or an open connection. It could not be rebuilt after a crash, so a
    repetition would differ from the record; it is refused when it is queued and when it is run.
    Pass plain JSON data.

durable_effect_live_plugin_input
    A request that is queued or recorded carries input for a plugin that lives only in this
    process. It cannot be written down, so it is refused; the data lists the plugins and the
    Python types. Pass plain JSON data, and let the plugin build its object from it.
"""
)

OTHER = (
    "This code is not one of hazui's own: a plugin chose it, or another version wrote it. "
    "It is kept as it is, and hazui draws no conclusion from it. "
    "Look into the documentation of the plugin that the chain names, "
    "or use the version that wrote it."
)

EXTERNAL = (
    "This is an exception of Python, of a library or of a plugin, as it was raised. "
    "Its class, module and frames are kept; what it means for hazui is said by the error above it."
)

HINTS = read_paragraphs(
    """
missing_execution_scope_id
    Give the request an id that is not blank, or leave the id out.

execution_scope_turn_id_mismatch
    Leave out --turn-id, or send the request for the turn that is about to open.

session_execution_busy
    Stop the running hazui first, or wait until it ends.

session_execution_lease_lost
    Another hazui owns this workspace now: close this one.

missing_process_execution_id
    Run the task again: a deliberate run gets a new id.

durable_store_required:attachment_store
    Set workspace.stores.attachment_store = "durable", or use --scratch.

durable_store_required:process_env_store
    Set workspace.stores.process_env_store = "durable", or use --scratch.

durable_store_required:session_store
    Set workspace.stores.session_store = "durable", or use --scratch without --durable.

durable_store_required:process_registry
    Set workspace.stores.process_registry = "durable", or use --scratch.

durable_store_required:trigger_store
    Set workspace.stores.trigger_store = "durable", or use --scratch.

store_commit_failed
    The changes stay pending; put right what the cause names and run again.

plugin_session_manager
    Fix the plugin, or take it out of workspace.plugins; it is loaded again at the next turn.

plugin_finalize_turn
    The tasks ran and were not recorded; fix the plugin, and the next turn records them.

plugin_checkpoint
    Fix the plugin, or take it out of workspace.plugins.

plugin_prepare_turn
    Fix the plugin, or take it out of workspace.plugins.

context_prepare_turn
    Put right what the cause names; the next change tries again.

protocol_turn_extension
    Check the key and the JSON value given with --ext.

protocol_before_llm_call
    Nothing was sent; check consent, redaction and workspace.assistant.max_bytes.

turn_stream_join
    The next turn starts clean; report it if no plugin or signal explains it.

empty_agent_frame_run
    The executor plugin must yield a result for every wave; fix it or take it out.

durable_effect_live_protocol_extension
    Pass plain JSON data as the extension.

durable_effect_live_plugin_input
    Pass plain JSON data as the plugin's input.
"""
)
