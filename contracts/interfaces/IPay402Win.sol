// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Events, errors, types and functions of the game. Amounts in base units of the pool's token, times in seconds.
interface IPay402Win {
    enum Status {
        NONE,
        OPEN,
        DRAWING,
        DRAWN,
        SETTLED,
        ROLLED_OVER,
        CANCELLED
    }
    enum PaymentMethod {
        NATIVE,
        ERC20,
        X402_DIRECT,
        X402_GATEWAY
    }
    enum CancelReason {
        NO_ENTRIES,
        BELOW_MINIMUM,
        DRAW_TIMEOUT
    }
    enum CarryReason {
        NO_WINNER,
        DUST,
        CANCELLED
    }
    enum Outcome {
        SETTLED,
        ROLLED_OVER,
        CANCELLED
    }

    struct PoolConfig {
        /// The zero address is the chain's native coin.
        address token;
        uint256 entryFee;
        uint16 feeBps;
        address feeRecipient;
        uint32 roundDuration;
        uint32 minEntries;
        uint32 maxEntries;
        uint32 drawTimeout;
        string name;
    }

    struct Pool {
        PoolConfig config;
        uint8 tokenDecimals;
        uint256 currentRoundId;
    }

    struct Round {
        Status status;
        bool isFinal;
        uint16 winningNumber;
        uint64 opensAt;
        uint64 closesAt;
        uint64 closedAt;
        uint64 entryCount;
        uint64 winningEntryCount;
        /// Winners paid, or entries refunded, so far.
        uint64 settledCount;
        uint256 carryIn;
        uint256 prizePool;
        uint256 feeAccrued;
        uint256 prizePerEntry;
        uint256 carryOut;
        uint256 requestId;
        uint256 randomWord;
    }

    struct Entry {
        address player;
        uint16 number;
        uint40 poolId;
        uint40 roundId;
    }

    event PoolCreated(uint256 indexed poolId, address indexed token, address indexed creator, uint256 entryFee, uint16 feeBps, address feeRecipient, uint8 tokenDecimals, uint32 roundDuration, uint32 minEntries, uint32 maxEntries, uint32 drawTimeout, string name);
    event RoundOpened(uint256 indexed poolId, uint256 indexed roundId, uint64 opensAt, uint64 closesAt, uint256 carryIn);
    /// @dev `entryId` counts over all pools without gaps; `paymentRef` is the EIP-3009 nonce, the gateway's reference, or 0.
    event EntryPlaced(uint256 indexed poolId, uint256 indexed roundId, address indexed player, uint256 entryId, uint16 number, address payer, uint256 amount, uint256 feeAmount, uint8 paymentMethod, bytes32 paymentRef);
    /// @dev Absolute values, once per entering call. `reason` is 0, an entry.
    event PrizePoolUpdated(uint256 indexed poolId, uint256 indexed roundId, uint256 prizePool, uint256 entryCount, uint8 reason);
    event X402PaymentSettled(uint256 indexed poolId, address indexed payer, bytes32 indexed nonce, uint256 roundId, address player, address token, address facilitator, uint256 amount, uint256 firstEntryId, uint256 entryCount);
    event RoundClosed(uint256 indexed poolId, uint256 indexed roundId, uint256 entryCount, uint256 prizePool, uint256 feeAccrued, address closedBy);
    event RandomnessRequested(uint256 indexed poolId, uint256 indexed roundId, uint256 indexed requestId, address coordinator, bytes32 keyHash, uint16 confirmations);
    event RandomnessFulfilled(uint256 indexed poolId, uint256 indexed roundId, uint256 indexed requestId, uint256 randomWord, uint16 winningNumber);
    event RoundDrawn(uint256 indexed poolId, uint256 indexed roundId, uint16 indexed winningNumber, uint256 winningEntryCount, uint256 prizePool, uint256 prizePerEntry, uint256 carryOut);
    event PrizePaid(uint256 indexed poolId, uint256 indexed roundId, address indexed winner, uint256 entryId, uint256 amount, bool delivered);
    event PrizeCarried(uint256 indexed poolId, uint256 indexed fromRoundId, uint256 indexed toRoundId, uint256 amount, uint8 reason);
    event ProtocolFeeCollected(uint256 indexed poolId, uint256 indexed roundId, address indexed recipient, uint256 amount, bool delivered);
    event RoundCancelled(uint256 indexed poolId, uint256 indexed roundId, uint8 reason, uint256 entryCount, uint256 refundable);
    event EntryRefunded(uint256 indexed poolId, uint256 indexed roundId, address indexed recipient, uint256 entryId, uint256 amount, bool delivered);
    event RoundFinalized(uint256 indexed poolId, uint256 indexed roundId, uint8 indexed outcome, uint256 prizesTotal, uint256 refundsTotal, uint256 feeTotal, uint256 carryOut);
    /// @dev Always the account's whole credit in the token.
    event CreditClaimed(address indexed account, address indexed token, address indexed to, uint256 amount);

    error ZeroAddress(string name);
    error NotCreator(address caller);
    error NotCoordinator(address caller);
    error NotSelf(address caller);
    error InvalidPool(string field, uint256 value);
    error UnknownPool(uint256 poolId);
    /// @notice Native coin for a token pool, or the other way round.
    error WrongPaymentMethod(uint256 poolId, address token);
    error WrongAmount(uint256 expected, uint256 actual);
    error InvalidEntryCount(uint256 count);
    error InvalidNumber(uint16 number);
    error InvalidMaximum(uint256 max);
    error RoundNotOpen(uint256 poolId, uint256 roundId, Status status, uint256 closesAt);
    error RoundFull(uint256 poolId, uint256 roundId, uint256 entryCount, uint256 maxEntries);
    error RoundNotClosable(uint256 poolId, uint256 roundId, Status status, uint256 closesAt);
    error RoundNotExpired(uint256 poolId, uint256 roundId, Status status, uint256 expiresAt);
    error NothingToSettle(uint256 poolId, uint256 roundId, Status status);
    error NothingToRefund(uint256 poolId, uint256 roundId, Status status);
    error NoCredit(address account, address token);
    error ClaimFailed(address to, uint256 amount);
    /// @notice Too little gas for a fair try at a payment.
    error OutOfGas(uint256 available, uint256 needed);

    /// @notice A pool and its first round; only by the creator.
    function createPool(PoolConfig calldata config) external returns (uint256 poolId);

    /// @notice Entries paid in native coin: exactly the fee times the numbers. A number may be repeated.
    function enter(uint256 poolId, uint16[] calldata numbers, address player) external payable;

    /// @notice Entries paid in the pool's token by allowance. `paymentRef` is a gateway's reference, or 0.
    function enterWithToken(uint256 poolId, uint16[] calldata numbers, address player, bytes32 paymentRef) external;

    /// @notice Entries paid by an EIP-3009 authorisation that anybody may relay and nobody may redirect (x402): its nonce
    /// is `entryNonce` of exactly these entries.
    function enterWithAuthorization(
        uint256 poolId,
        uint256 roundId,
        address payer,
        address player,
        uint16[] calldata numbers,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external;

    /// @notice The nonce that binds an authorisation to its purpose.
    function entryNonce(uint256 poolId, uint256 roundId, address player, uint16[] calldata numbers, bytes32 salt)
        external
        view
        returns (bytes32);

    /// @notice Ends entering once the time is up or the round is full, and asks for randomness; by anyone.
    function closeRound(uint256 poolId) external;

    /// @notice Pays up to `max` winners of a drawn round; by anyone.
    function settleRound(uint256 poolId, uint256 roundId, uint256 max) external;

    /// @notice Cancels a round whose random word did not come in time; by anyone. Also one that could have been closed for as
    /// long, so that a coordinator that refuses requests cannot hold the entries for ever.
    function cancelExpired(uint256 poolId) external;

    /// @notice Refunds up to `max` entries of a cancelled round; by anyone.
    function processRefunds(uint256 poolId, uint256 roundId, uint256 max) external;

    /// @notice Pays out the caller's whole credit in a token.
    function claimCredit(address token, address to) external;
}
