export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** Bash breaks words at `=` and `:` as well, and the function joins these parts again. Works from bash 3.2. */
const BASH = `
# bash completion for verifik-onboarding
_verifik_onboarding() {
  local word line last
  local -a words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    last=$((\${#words[@]} - 1))
    if ((last >= 0)) && [[ $word == [=:]* || \${words[last]} == *[=:] ]]; then
      words[last]+=$word
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    if [[ -n $line && $line != :* ]]; then COMPREPLY+=("$line"); fi
  done < <(verifik-onboarding complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _verifik_onboarding verifik-onboarding
`;

/** `_describe` takes `value:description`. */
const ZSH = `
#compdef verifik-onboarding
_verifik-onboarding() {
  local line
  local -a described
  while IFS= read -r line; do
    if [[ -z $line || $line == :* ]]; then continue; fi
    described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <(verifik-onboarding complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if [[ \${words[CURRENT]} == --*=* ]]; then compset -P '*='; fi
  _describe verifik-onboarding described
}
if [[ \${funcstack[1]} == _verifik-onboarding ]]; then
  _verifik-onboarding "$@"
else
  compdef _verifik-onboarding verifik-onboarding
fi
`;

const FISH = `
# fish completion for verifik-onboarding
function __verifik_onboarding
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l flag (string match -r -- '^--[^=]*=' "$current")
    for line in (verifik-onboarding complete -- $words[2..-1] "$current" 2>/dev/null)
        string match -qr '^:' -- "$line"; or printf '%s%s\\n' "$flag" "$line"
    end
end
complete -c verifik-onboarding -e
complete -c verifik-onboarding -f -a '(__verifik_onboarding)'
`;

/** Before version 7.3, PowerShell passes no empty arguments to programs, unless they are quoted again. */
const POWERSHELL = `
# powershell completion for verifik-onboarding
Register-ArgumentCompleter -Native -CommandName 'verifik-onboarding' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    if ($wordToComplete -eq '') {
        $words += if ($PSNativeCommandArgumentPassing -in $null, 'Legacy') { '""' } else { '' }
    }
    & 'verifik-onboarding' complete '--' @words 2>$null | Where-Object { $_ -notmatch '^:' } | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}
`;

/** The completion script of each shell. A script passes on the words that were typed, and never evaluates them. */
export const COMPLETION_SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
